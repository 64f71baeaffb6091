import type { SandboxReport } from '../../payments/sandbox/reports';
import type { PaymentWorkflows } from '../../temporal/clients/payment-workflows';

/**
 * Hands a report of the sandbox to the workflow that Stripe's webhooks start, too. Safe to repeat.
 */
export async function acceptSandboxReport(
  paymentWorkflows: Pick<PaymentWorkflows, 'accept'>,
  { id, type, bookingId, createdAt, dispute }: SandboxReport,
): Promise<void> {
  const provider = 'sandbox';
  await paymentWorkflows.accept({
    provider,
    eventId: id,
    type,
    bookingId,
    captured: null,
    ...(dispute === undefined
      ? {}
      : { dispute: { ...dispute, provider, toldAt: createdAt.toISOString() } }),
  });
}
