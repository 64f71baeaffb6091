import type { History, Operation } from '../history/read';
import {
  alter,
  answersTo,
  becomes,
  bookingOf,
  change,
  endsOf,
  lasting,
  late,
  remove,
  type Body,
  type BrokenPromise,
} from './breaking';
import { response } from './ideal-shop';

/** Outcomes that were told and did not stay. */
export const BROKEN_OUTCOMES: BrokenPromise[] = [
  {
    check: 'acknowledged',
    what: 'a booking that was acknowledged is gone',
    breakIt: (history) => {
      const ids = answersTo(history, 'book', 201).map(
        (operation) => JSON.parse(operation.response?.body ?? '') as Body,
      );
      const line = history.final.bookings.find(({ bookingId }) =>
        ids.some(({ id }) => id === bookingId),
      );
      return change(line, { response: response(404, { code: 'booking_not_found' }) });
    },
  },
  {
    check: 'acknowledged',
    what: 'a booking that was paid for expired',
    breakIt: (history) =>
      alter(
        endsOf(history, 'pay', 201),
        becomes('booked', { status: 'cancelled', cancellationReason: 'payment_expired' }),
      ),
  },
  {
    check: 'acknowledged',
    what: 'a booking that another service was paid for, and that was seen as booked, expired',
    breakIt: (history) => {
      const paid = answersTo(history, 'pay', 201).map(bookingOf);
      const others = endsOf(history, 'get', 200).filter(
        ({ bookingId }) => !paid.includes(bookingId),
      );
      return alter(
        others,
        becomes('booked', { status: 'cancelled', cancellationReason: 'payment_expired' }),
      );
    },
  },
  {
    check: 'acknowledged',
    what: 'a sold booking ends because its flight was moved',
    breakIt: (history) =>
      alter(
        endsOf(history, 'pay', 201),
        (body) =>
          body.scheduleChange !== null &&
          becomes('booked', { status: 'cancelled', cancellationReason: 'flight_cancelled' })(body),
      ),
  },
  {
    check: 'acknowledged',
    what: 'a hold ends because of a schedule change that was over when it was asked for',
    breakIt: (history) => {
      const moves = history.operations.filter(({ kind }) => kind === 'schedule_change');
      // One whose answer was lost may have been done later.
      if (moves.some(({ response }) => response?.status !== 202)) return false;
      for (const operation of moves) Object.assign(operation, { sentAt: -2, endedAt: -1 });
      return history.final.bookings.some(({ response: { body } }) =>
        body.includes('"flight_cancelled"'),
      );
    },
  },
  {
    check: 'acknowledged',
    what: 'a booking that was acknowledged with its seats ends as if it had got none',
    breakIt: (history) => {
      const ids = answersTo(history, 'book', 201).map(
        (operation) => (JSON.parse(operation.response?.body ?? '') as Body).id,
      );
      return alter(
        history.final.bookings.filter(({ bookingId }) => ids.includes(bookingId)),
        becomes('cancelled', { cancellationReason: 'seats_unavailable' }),
      );
    },
  },
  {
    check: 'acknowledged',
    what: 'a change that was lost first and refused later has been made',
    breakIt: (history) => {
      const line = lasting(history).find(({ response: { body } }) => body.includes('"booked"'));
      if (line === undefined) return false;
      const { client, bookingId } = line;
      const request = {
        method: 'POST',
        path: `/api/v1/bookings/${bookingId}/changes`,
        body: { quoteId: 'unknown' },
      };
      const asked = { client, kind: 'change' as const, key: 'lost', request, ...late(history) };
      history.operations.push(
        { ...asked, id: 'lost', attempt: 1, response: undefined, error: 'ECONNRESET' },
        {
          ...asked,
          id: 'refused',
          attempt: 2,
          error: undefined,
          sentAt: asked.endedAt + 1,
          endedAt: asked.endedAt + 2,
          response: response(409, { code: 'booking_not_changeable' }),
        },
      );
      return alter([line], ({ passengers }) => giveOtherSeat(passengers));
    },
  },
  {
    check: 'acknowledged',
    what: 'a schedule change that was acknowledged had no effect',
    breakIt: (history) => {
      const moved = answersTo(history, 'schedule_change', 202).map(({ request }) => request.path);
      return alter(history.final.bookings, ({ status, slices }) => {
        const segments = ((slices ?? []) as { segments: { id: string }[] }[]).flatMap(
          (slice) => slice.segments,
        );
        const segment = segments.find(({ id }) => moved.some((path) => path.includes(id)));
        const before = { departureAt: '2026-01-31T12:34:00.000Z', status: 'confirmed' };
        return status === 'booked' && change(segment, before as object);
      });
    },
  },
  {
    check: 'acknowledged',
    what: 'who has bought a flight is not told that it was moved',
    breakIt: (history) => {
      const paid = answersTo(history, 'pay', 201).map(bookingOf);
      const told = lasting(history).filter(({ bookingId }) => paid.includes(bookingId));
      // They were sold before any flight was moved.
      for (const operation of answersTo(history, 'pay', 201))
        Object.assign(operation, { sentAt: 0, endedAt: 0 });
      const accepted = answersTo(history, 'schedule_change', 202).map(
        (operation) => (JSON.parse(operation.response?.body ?? '') as Body).id,
      );
      return alter(told, (body) => {
        const { id } = (body.scheduleChange ?? {}) as { id?: string };
        const isAsked = body.status === 'booked' && accepted.includes(id);
        return isAsked && change(body, { scheduleChange: null });
      });
    },
  },
  {
    check: 'acknowledged',
    what: 'a cancellation that was acknowledged did not stay',
    breakIt: (history) =>
      alter(
        endsOf(history, 'cancel', 200),
        becomes('cancelled', { status: 'booked', cancellationReason: null }),
      ),
  },
  {
    check: 'acknowledged',
    what: 'a booking is cancelled that nobody has cancelled',
    breakIt: (history) => {
      const asked = history.operations.filter(({ kind }) => kind === 'cancel').map(bookingOf);
      const others = history.final.bookings.filter(({ bookingId }) => !asked.includes(bookingId));
      return alter(others, (body) => Object.assign(body, CANCELLED) === body);
    },
  },
  {
    check: 'acknowledged',
    what: 'a booking has other seats than were acknowledged',
    breakIt: (history) =>
      alter(endsOf(history, 'pay', 201), ({ passengers }) => giveOtherSeat(passengers)),
  },
  {
    check: 'status-order',
    what: 'a booking that was read as cancelled is read as booked later',
    breakIt: (history) => {
      const [told] = answersTo(history, 'cancel', 200);
      if (told?.response === undefined) return false;
      const body = { ...(JSON.parse(told.response.body) as Body), status: 'booked' };
      const request = { method: 'GET', path: told.request.path.replace('/cancel', ''), body: null };
      const read = { ...told, id: 'a late read', kind: 'get' as const, request };
      const at = { sentAt: told.endedAt + 1, endedAt: told.endedAt + 2 };
      history.operations.push({ ...read, ...at, response: response(200, body) });
      return true;
    },
  },
  {
    check: 'seats-in-the-end',
    what: 'a seat is sold twice',
    breakIt: ({ final }) => {
      const [first, second] = final.bookings
        .map((line) => ({ line, body: JSON.parse(line.response.body) as Body }))
        .filter(({ body }) => body.status === 'booked');
      if (first === undefined || second === undefined) return false;
      const passengers = first.body.passengers;
      return alter([second.line], (body) => Object.assign(body, { passengers }) === body);
    },
  },
  {
    check: 'seats-in-the-end',
    what: 'a seat is off sale that nobody has',
    breakIt: ({ final }) =>
      alter(final.seats, ({ seats }) =>
        change(
          (seats as { state: string }[]).find(({ state }) => state === 'free'),
          { state: 'held' },
        ),
      ),
  },
  {
    check: 'seats-in-the-end',
    what: 'a flight has lost a seat',
    breakIt: ({ final }) =>
      alter(final.seats, ({ seats }) => remove(seats as Body[], ({ state }) => state === 'free')),
  },
  {
    check: 'replays',
    what: 'a replay has other bytes',
    breakIt: (history) =>
      alter(knownReplays(history), (body) => Object.assign(body, { extra: 1 }) === body),
  },
  {
    check: 'replays',
    what: 'a key that is bound gets another answer',
    breakIt: (history) =>
      change(knownReplays(history)[0], {
        response: response(409, { code: 'booking_not_payable' }),
      }),
  },
  {
    check: 'replays',
    what: 'a key serves another request, too',
    breakIt: (history) => {
      const [bound] = answersTo(history, 'pay', 201);
      if (bound === undefined) return false;
      const body = { ...(bound.request.body as Body), amount: 1 };
      const request = { ...bound.request, body };
      history.operations.push({ ...bound, id: 'another', request, ...late(history) });
      return true;
    },
  },
];

/** Successes that were repeated to someone who had been told before. */
function knownReplays({ operations }: History): Operation[] {
  const told = operations.filter(({ response: answer }) => answer?.status === 201);
  return told.filter((later) =>
    told.some(
      ({ key, client, kind, endedAt }) =>
        key !== undefined &&
        key === later.key &&
        client === later.client &&
        kind === later.kind &&
        endedAt < later.sentAt,
    ),
  );
}

function giveOtherSeat(passengers: unknown): boolean {
  const [only] = passengers as { seats: { seatNumber: string }[] }[];
  return change(only?.seats[0], { seatNumber: '9F' });
}

const CANCELLED = { status: 'cancelled', cancellationReason: 'customer_request' };
