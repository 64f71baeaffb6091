import { setTimeout as wait } from 'node:timers/promises';
import type { OpenPaymentProviders } from '../../payments/open';
import type { PaymentWorkflows } from '../../temporal/clients/payment-workflows';
import { playAirline, type SandboxAirline } from './airline';
import { acceptSandboxReport } from './reports';

/** How often is looked for what is to be done, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

export interface Scenarios {
  payments: Pick<OpenPaymentProviders, 'sendSandboxReports'>;
  paymentWorkflows: Pick<PaymentWorkflows, 'accept'>;
  /** Undefined where no flights are there to be tried out. */
  airline: SandboxAirline | undefined;
}

/** Where failures are told. */
interface Log {
  warn(message: string, details: { error: unknown }): unknown;
}

/**
 * Does what happens by itself in the sandbox, until it is to stop: what its customers, their banks,
 * its airline and its other passengers do. What fails is tried again, and its log has the first
 * failure of several in a row.
 */
export async function playScenarios(
  { payments, paymentWorkflows, airline }: Scenarios,
  stopping: AbortSignal,
  logger: Log,
): Promise<void> {
  const parts = [
    () => payments.sendSandboxReports((report) => acceptSandboxReport(paymentWorkflows, report)),
    ...(airline === undefined ? [] : [() => playAirline(airline)]),
  ];
  await Promise.all(parts.map((part) => repeat(part, stopping, logger)));
}

async function repeat(
  part: () => Promise<void>,
  stopping: AbortSignal,
  logger: Log,
): Promise<void> {
  let hasFailed = false;
  while (!stopping.aborted) {
    try {
      await part();
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) logger.warn('A scenario of the sandbox is tried again', { error });
      hasFailed = true;
    }
    await wait(LOOK_EVERY_MS, undefined, { signal: stopping }).catch(() => undefined);
  }
}
