import type { ExternalPayment } from './booking';
import type { ReportedDispute, ReportedRefund } from './provider-reports';

export const PROVIDER_EVENT_WORKFLOW = 'providerEventWorkflow';

export function providerEventWorkflowId({ provider, eventId }: ProviderEvent): string {
  return `event-${provider}-${eventId}`;
}

/** An event about a payment that our own payment provider sent. */
export interface ProviderEvent {
  provider: string;
  eventId: string;
  type: string;
  /** The payment's booking; null when it was not made for one of ours. */
  bookingId: string | null;
  /** What was taken, if the event says so. */
  captured: ExternalPayment | null;
  /** Money that the provider moved without us, if the event says so. */
  dispute?: ReportedDispute;
  refund?: ReportedRefund;
}

export type ProviderEventWorkflow = (event: ProviderEvent) => Promise<void>;
