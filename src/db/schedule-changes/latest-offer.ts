import type { BookedSlice, BookingScheduleChange, BookingStatus } from '../../domain/booking';
import type { ScheduleChangeKind, ScheduleChangeOutcome } from '../../domain/schedule-change';
import { offeredActions } from '../../domain/schedule-change-offer';

/** The latest offer that was made to a booking `b`, as `offer`: a query of no row, or one. */
export const LATEST_OFFER = `
  SELECT json_build_object('id', c.id, 'kind', c.kind, 'before', o.before, 'after', o.after,
    'respondBy', o.respond_by, 'outcome', o.outcome, 'state', o.state,
    'significant', o.significant) AS offer
  FROM booking_schedule_changes o JOIN schedule_changes c ON c.id = o.schedule_change_id
  WHERE o.booking_id = b.id AND o.respond_by IS NOT NULL
  ORDER BY o.sequence DESC LIMIT 1`;

/** What {@link LATEST_OFFER} selects; instants as PostgreSQL writes them in JSON. */
export interface LatestOffer {
  id: string;
  kind: ScheduleChangeKind;
  before: BookedSlice[];
  after: BookedSlice[];
  respondBy: string;
  outcome: ScheduleChangeOutcome | null;
  state: string;
  significant: boolean;
}

/** Returns an offer as the booking's owner sees it. */
export function toScheduleChange(
  { id, kind, before, after, respondBy: until, outcome, state, significant }: LatestOffer,
  status: BookingStatus,
  now: Date,
): BookingScheduleChange {
  const respondBy = new Date(until);
  const isOpen = status === 'booked' && state === 'waiting';
  return {
    id,
    kind,
    before,
    after,
    availableActions: isOpen
      ? offeredActions({ after, respondBy, isSignificant: significant }, now)
      : [],
    respondBy: respondBy.toISOString(),
    actionTaken: outcome,
  };
}
