import type { PaymentConfig } from '../config';
import type { Db } from '../db/connection';
import type { PaymentGateway } from './gateway';
import { createPaymentProviders, type PaymentProviders } from './providers';
import { createSandboxGateway } from './sandbox/gateway';
import { sendDueReports, type SandboxReport } from './sandbox/reports';
import { createStripeGateway } from './stripe/gateway';

export interface OpenPaymentProviders {
  providers: PaymentProviders;
  /**
   * Sends what the sandbox has to report by now; nothing without it. Other providers send webhooks.
   * Each report is sent at least once.
   */
  sendSandboxReports(send: (report: SandboxReport) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens every provider that has settings; the one that charges cards comes first.
 *
 * The sandbox keeps books of its own, in our PostgreSQL, over connections of its own.
 * `connectSandbox` opens them, and `close` closes them. `watch` may replace each gateway by one that
 * observes it.
 */
export function openPaymentProviders(
  { provider, stripe, hasSandbox }: PaymentConfig,
  connectSandbox: () => Db,
  watch: (gateway: PaymentGateway) => PaymentGateway = (gateway) => gateway,
): OpenPaymentProviders {
  const gateways: PaymentGateway[] = [];
  let close = () => Promise.resolve();
  let sendSandboxReports: OpenPaymentProviders['sendSandboxReports'] = () => Promise.resolve();
  if (stripe !== undefined) gateways.push(createStripeGateway(stripe));
  if (hasSandbox) {
    const db = connectSandbox();
    close = () => db.destroy();
    sendSandboxReports = (send) => sendDueReports(db, send);
    gateways.push(createSandboxGateway(db));
  }
  const all = gateways.map(watch);
  const current = all.find((gateway) => gateway.provider === provider);
  if (current === undefined) throw new Error(`Bug: ${provider} has no gateway`);
  const others = all.filter((gateway) => gateway !== current);
  return { providers: createPaymentProviders(current, ...others), sendSandboxReports, close };
}
