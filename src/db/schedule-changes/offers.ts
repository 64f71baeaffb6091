import type { BookedSlice, Booking, BookingStatus } from '../../domain/booking';
import { SYSTEM, type Actor } from '../../domain/booking-event';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { ScheduleChangeOutcome } from '../../domain/schedule-change';
import { closesAt, hasCancelledFlight } from '../../domain/schedule-change-offer';
import type { StandingOffer } from '../../temporal/contracts/schedule-change';
import { readKnownBooking } from '../bookings/booking-view';
import { appendEvent } from '../bookings/events';
import type { Db } from '../connection';
import { offerTerms, type AcceptedTimes } from './offer-terms';

/** What a schedule change means for a booking that was told of it. */
export type ToldBooking =
  /** It is not paid for: it ends. */
  | { kind: 'unpaid' }
  /** It is paid for: its owner has been made an offer. */
  | { kind: 'offered'; booking: Booking; offer: StandingOffer }
  /** There is nothing more to do: it was cancelled, or has responded. */
  | { kind: 'settled'; booking: Booking };

/**
 * Makes the owner of a booking the offer of its latest schedule change, which takes the place of
 * earlier ones that nobody has responded to. All of it is one transaction.
 *
 * Safe to retry: an offer that was made stays as it is.
 */
export async function makeOffer(db: Db, bookingId: string, now: Date): Promise<ToldBooking> {
  return db.transaction(async (trx) => {
    const status = await lockBooking(trx, bookingId);
    const [latest, ...earlier] = await openOf(trx, bookingId);
    if (latest === undefined)
      return { kind: 'settled', booking: await readKnownBooking(trx, bookingId) };
    switch (status) {
      case 'initiated':
      case 'pending':
        return { kind: 'unpaid' };
      case 'cancelled':
        await settleOffers(trx, bookingId, { outcome: 'cancelled', decidedBy: 'system', at: now });
        return { kind: 'settled', booking: await readKnownBooking(trx, bookingId) };
      case 'booked':
        break;
      default:
        throw new Error(`Bug: ${String(status satisfies never)} is no status`);
    }
    for (const { schedule_change_id: id } of earlier)
      await settle(
        trx,
        { booking_id: bookingId, schedule_change_id: id },
        { outcome: 'superseded', decidedBy: 'system', at: now },
      );
    // An earlier one may have been committed after the latest: then its times are new, too.
    const isCurrent = latest.state === 'waiting' && earlier.length === 0;
    if (!isCurrent) await offer(trx, bookingId, latest, now);
    const standing = await findOffer(trx, bookingId);
    if (standing === undefined) throw new Error(`Bug: booking ${bookingId} got no offer`);
    return { kind: 'offered', booking: await readKnownBooking(trx, bookingId), offer: standing };
  });
}

/** Whether a booking has a schedule change that nobody has responded to. */
export async function hasOpenScheduleChange(db: Db, bookingId: string): Promise<boolean> {
  const [latest] = await openOf(db, bookingId);
  return latest !== undefined;
}

async function lockBooking(trx: Db, bookingId: string): Promise<BookingStatus> {
  const row = await trx('bookings').where({ id: bookingId }).forUpdate().first('status');
  if (row === undefined) throw new Refusal('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
  return row.status as BookingStatus;
}

interface OpenChange {
  schedule_change_id: string;
  state: string;
  accepted_times: unknown;
  reason: string;
  requested_by: string;
}

/** The schedule changes that a booking has not responded to, the latest first. */
async function openOf(trx: Db, bookingId: string): Promise<OpenChange[]> {
  return trx('booking_schedule_changes')
    .join('schedule_changes', 'schedule_changes.id', 'schedule_change_id')
    .where({ booking_id: bookingId })
    .whereNot({ state: 'settled' })
    .orderBy('sequence', 'desc')
    .select('schedule_change_id', 'state', 'accepted_times', 'reason', 'requested_by');
}

async function offer(trx: Db, bookingId: string, change: OpenChange, now: Date): Promise<void> {
  const { schedule_change_id: id } = change;
  const booking = await readKnownBooking(trx, bookingId);
  const terms = offerTerms(booking, change.accepted_times as AcceptedTimes[], now);
  await trx('booking_schedule_changes')
    .where({ schedule_change_id: id, booking_id: bookingId })
    .update({
      state: 'waiting',
      before: JSON.stringify(terms.before),
      after: JSON.stringify(terms.after),
      significant: terms.isSignificant,
      respond_by: terms.respondBy,
    });
  await appendEvent(trx, {
    bookingId,
    type: 'schedule_changed',
    actor: { kind: 'airline', id: change.requested_by },
    reason: change.reason,
  });
}

/** Finds the offer of a booking that nobody has responded to. */
async function findOffer(db: Db, bookingId: string): Promise<StandingOffer | undefined> {
  const { rows } = await db.raw<{ rows: WaitingOffer[] }>(
    `SELECT schedule_change_id AS "scheduleChangeId", respond_by AS "respondBy",
       significant AS "isSignificant",
       CAST((SELECT count(*) FROM booking_schedule_changes earlier
         WHERE earlier.schedule_change_id = o.schedule_change_id
           AND earlier.booking_id < o.booking_id) AS integer) AS place
     FROM booking_schedule_changes o WHERE booking_id = ? AND state = 'waiting'`,
    [bookingId],
  );
  return rows.map(({ respondBy, place, ...offered }) => ({
    ...offered,
    respondBy: respondBy.toISOString(),
    closesAt: closesAt(respondBy, place).toISOString(),
  }))[0];
}

interface WaitingOffer {
  scheduleChangeId: string;
  respondBy: Date;
  isSignificant: boolean;
  /** How many bookings of the schedule change come before this one. */
  place: number;
}

/** Who accepts the new times: a person, or the rule that says so. */
export interface Acceptance {
  /** Null for the system, which accepts small changes at `respondBy`. */
  by: Actor | null;
  /** The schedule change that the person knows of: a later one is another offer. */
  scheduleChangeId?: string | undefined;
  at: Date;
}

/**
 * Accepts the new times of a booking, whose offer is then settled.
 *
 * Safe to retry: a booking whose latest schedule change was accepted stays as it is.
 *
 * @throws Refusal `schedule_change_not_found` when it had none; `schedule_change_closed` when the
 * time to respond has passed, a flight is cancelled, another action was taken, or a later schedule
 * change has come. Nothing changes then.
 */
export async function acceptOffer(
  db: Db,
  bookingId: string,
  { by, scheduleChangeId, at }: Acceptance,
): Promise<Booking> {
  return db.transaction(async (trx) => {
    await lockBooking(trx, bookingId);
    const latest = await trx('booking_schedule_changes')
      .where({ booking_id: bookingId })
      .orderBy('sequence', 'desc')
      .first();
    if (latest === undefined)
      throw new Refusal('schedule_change_not_found', REFUSAL_TEXTS.noScheduleChange);
    const closed = new Refusal('schedule_change_closed', REFUSAL_TEXTS.scheduleChangeClosed);
    if (scheduleChangeId !== undefined && scheduleChangeId !== latest.schedule_change_id)
      throw new Refusal('schedule_change_closed', REFUSAL_TEXTS.anotherScheduleChange);
    const decidedBy = by === null ? 'system' : 'person';
    if (latest.outcome === 'accepted' && latest.decided_by === decidedBy)
      return readKnownBooking(trx, bookingId);
    if (latest.state !== 'waiting' || latest.respond_by === null) throw closed;
    if (hasCancelledFlight(latest.after as BookedSlice[])) throw closed;
    if (by !== null && at >= latest.respond_by) throw closed;
    const offer = { booking_id: bookingId, schedule_change_id: latest.schedule_change_id };
    await settle(trx, offer, { outcome: 'accepted', decidedBy, at });
    await appendEvent(trx, { bookingId, type: 'schedule_change_accepted', actor: by ?? SYSTEM });
    return readKnownBooking(trx, bookingId);
  });
}

/** How an offer ends. */
export interface Settled {
  outcome: ScheduleChangeOutcome;
  decidedBy: 'person' | 'system';
  at: Date;
}

/** Ends all offers of a booking in the transaction that decides so. */
export async function settleOffers(trx: Db, bookingId: string, settled: Settled): Promise<void> {
  await settle(trx, { booking_id: bookingId }, settled);
}

/** Ends the open ones among these offers. */
async function settle(
  trx: Db,
  offers: { booking_id: string; schedule_change_id?: string },
  { outcome, decidedBy, at }: Settled,
): Promise<void> {
  await trx('booking_schedule_changes')
    .where(offers)
    .whereNot({ state: 'settled' })
    .update({ state: 'settled', outcome, decided_by: decidedBy, settled_at: at });
}
