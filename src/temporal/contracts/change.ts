import { defineUpdate } from '@temporalio/workflow';
import type { Change } from '../../domain/changes/change';
import type { NextAction } from '../../domain/payment';
import type { BookingState } from './booking';

/** Messages about changes, between the API and a booking's workflow. Plain JSON. */

export interface ChangeRequest {
  /** Derives from the caller and their idempotency key, so that a retry names the same change. */
  changeId: string;
  quoteId: string;
  /** Who asks: the ID of the customer or the operator. */
  requestedBy: string;
  asOperator: boolean;
  idempotencyKey: string;
  fingerprint: string;
  /** Needed where something is to be paid. */
  paymentMethod?: string;
}

/** A change of a booking, as the booking's activities take it. */
export interface BookingChange extends ChangeRequest {
  bookingId: string;
}

/** A change that is decided. `fingerprint` is that of the request that caused it. */
export type DecidedChange =
  | { outcome: 'completed'; fingerprint: string; change: Change }
  | { outcome: 'declined'; fingerprint: string; detail: string; declineCode: string };

/** The outcome of a change, or how it stands while the customer's bank requires an action. */
export type ChangeResult =
  | DecidedChange
  | { outcome: 'action_required'; fingerprint: string; changeId: string; nextAction: NextAction };

/**
 * Exchanges flights of a booked booking, by a quote. Holds the new seats, takes the money if any is
 * due, and sells them in place of the old ones; or leaves the booking as it was, and takes nothing.
 *
 * Refused as `holdChange` of `src/db/changes` says, before anything is held; with
 * `booking_not_changeable` also where it could not be completed: then all of it is undone.
 */
export const changeBooking = defineUpdate<ChangeResult, [ChangeRequest]>('changeBooking');

/**
 * Has the workflow of a sold booking begin anew from the database, where that has a change pending
 * which this run is not making: it has never heard of it, since Temporal was restored to an earlier
 * instant. The new run undoes the change, as any run does that is restored, unless the same request
 * comes again in time: that carries it on. Returns the booking's state until then.
 *
 * Refused with `change_in_progress` while the run makes, or undoes, a change.
 */
export const beginAnew = defineUpdate<BookingState>('beginAnew');

/** The update ID of {@link beginAnew}: a run begins anew once. */
export const BEGIN_ANEW_UPDATE_ID = 'begin-anew';

/** The update ID of a change: the same for every try with one key. */
export function changeUpdateId(changeId: string): string {
  return `change-${changeId}`;
}
