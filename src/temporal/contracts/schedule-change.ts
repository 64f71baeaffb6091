import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Booking } from '../../domain/booking';
import type { ScheduleChangeKind } from '../../domain/schedule-change';

/** Messages about schedule changes between the API, operators and workflows. Plain JSON. */

export const SCHEDULE_CHANGE_WORKFLOW = 'scheduleChangeWorkflow';

/** Returns the ID of a schedule change's workflow. */
export function scheduleChangeWorkflowId(scheduleChangeId: string): string {
  return `schedule-change-${scheduleChangeId}`;
}

/** The input of a schedule change's workflow; instants in ISO 8601. */
export interface ScheduleChangeOrder {
  /**
   * Derives from the operator and their idempotency key, or what they asked the command line for
   * and how often the flight had been changed, so that a retry names the same one.
   */
  scheduleChangeId: string;
  flightId: string;
  kind: ScheduleChangeKind;
  /** The new times of a flight that is moved. */
  departureAt?: string;
  arrivalAt?: string;
  /** In words that customers may read. */
  reason: string;
  /** The operator's ID. */
  requestedBy: string;
  /** Digest of the request: tells a retry from another request under the same key. */
  fingerprint: string;
  /** Set in a run that goes on where the one before ended. */
  continued?: ScheduleChangeProgress;
}

/** How far a schedule change's workflow is. */
export interface ScheduleChangeProgress {
  /** How many bookings were told, and how many could not be. */
  told: number;
  failed: number;
  /** The last booking of the last page. */
  after: string | null;
}

/** How far a schedule change is, in the workflow's own count. */
export interface ScheduleChangeState extends ScheduleChangeProgress {
  scheduleChangeId: string;
  activity: 'applying' | 'telling' | 'closed';
}

export const scheduleChangeState = defineQuery<ScheduleChangeState>('scheduleChangeState');

/**
 * Waits until the flight is changed. Changes nothing: the workflow does so anyway.
 *
 * A refusal, such as `flight_departed`, is the failure's type.
 */
export const awaitScheduleChange = defineUpdate<ScheduleChangeState>('awaitScheduleChange');

/** The workflow's type, for processes that start it without its code. */
export type ScheduleChangeWorkflow = (order: ScheduleChangeOrder) => Promise<ScheduleChangeState>;

/**
 * Tells a booking that the airline has changed a flight of it. What changed is in the database. It
 * may be sent any number of times.
 */
export const scheduleChanged = defineSignal<[{ scheduleChangeId: string }]>('scheduleChanged');

/** An offer that nobody has responded to; instants in ISO 8601. */
export interface StandingOffer {
  scheduleChangeId: string;
  respondBy: string;
  isSignificant: boolean;
  /**
   * When the automatic outcome is due, seconds to minutes after `respondBy`. Absent in offers of
   * earlier releases: theirs is due at `respondBy`, inside the workflow task.
   */
  closesAt?: string;
}

/** Who accepts the new times of a booking. */
export interface ScheduleChangeAcceptance {
  /** The ID of the customer or the operator. */
  requestedBy: string;
  asOperator: boolean;
  /** The schedule change whose times they have seen. Absent: the one that is offered then. */
  scheduleChangeId?: string;
}

/**
 * Accepts the new times of a booking. Returns it, also when a person had accepted them before.
 *
 * Refused with `schedule_change_closed` once the time to respond has passed, or when other times are
 * offered than those that they have seen.
 */
export const acceptScheduleChange = defineUpdate<Booking, [ScheduleChangeAcceptance]>(
  'acceptScheduleChange',
);
