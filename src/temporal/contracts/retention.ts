/**
 * The workflow that erases personal data, started every day by the Temporal schedule `retention`. It
 * takes no messages.
 */
export const RETENTION_WORKFLOW = 'retentionWorkflow';

/** How many bookings a run has erased the personal data of. */
export interface RetentionReport {
  /** Because their customers had asked for it. */
  requested: number;
  /** Because they departed long enough ago. */
  departed: number;
}

/** The workflow's type, for processes that start it without its code. */
export type RetentionWorkflow = () => Promise<RetentionReport>;
