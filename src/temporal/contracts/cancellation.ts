import { defineUpdate } from '@temporalio/workflow';
import type { Booking } from '../../domain/booking';
import type { RefusalCode } from '../../domain/refusal';
import type { AnsweringRun, CancellationRequest } from './booking';

export const CANCELLATION_WORKFLOW = 'cancellationWorkflow';

export function cancellationWorkflowId(bookingId: string): string {
  return `cancellation-${bookingId}`;
}

/** The input of the workflow that cancels a booked booking. */
export interface SaleCancellation extends CancellationRequest {
  bookingId: string;
  /** ID of the request that started this run, by which its sender recognizes its own run. */
  startedBy?: string;
}

/** The cancelled booking, as it was when its refund was started; or why it can't be cancelled. */
export type CancellationResult =
  | { outcome: 'cancelled'; booking: Booking }
  /** The run fails then: another one may decide otherwise. */
  | { outcome: 'refused'; code: RefusalCode; detail: string; run?: AnsweringRun };

/** Waits until the sale is cancelled. Changes nothing: the workflow cancels it anyway. */
export const awaitCancellation = defineUpdate<CancellationResult>('awaitCancellation');

/** The update ID of {@link awaitCancellation}. All requests to the first run share one update. */
export const CANCELLATION_UPDATE_ID = 'cancellation';

export type CancellationWorkflow = (request: SaleCancellation) => Promise<CancellationResult>;
