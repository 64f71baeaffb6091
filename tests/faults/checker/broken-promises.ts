import type { OperationKind, Response } from '../history/format';
import type { History, Operation } from '../history/read';
import { response } from './ideal-shop';
import type { CHECKS } from './judge';

/**
 * Ways to break a promise, each as it would look in the history: one place of a good history is
 * changed. Returns false where the history has no such place.
 */
export interface BrokenPromise {
  check: keyof typeof CHECKS;
  what: string;
  breakIt: (history: History) => boolean;
}

type Body = Record<string, unknown>;
interface Answered {
  response: Response | undefined;
}

/** Changes the body of the first response for which the change returns true. */
function alter(answered: Answered[], change: (body: Body) => boolean): boolean {
  return answered.some((one) => {
    if (one.response === undefined) return false;
    const body = JSON.parse(one.response.body) as Body;
    if (!change(body)) return false;
    one.response = response(one.response.status, body, one.response.headers);
    return true;
  });
}

function becomes(status: string, change: Body) {
  return (body: Body) => body.status === status && Object.assign(body, change) === body;
}

function answersTo({ operations }: History, kind: OperationKind, status: number): Operation[] {
  return operations.filter((one) => one.kind === kind && one.response?.status === status);
}

const bookingOf = (operation: Operation) =>
  (operation.request.body as { bookingId?: string } | null)?.bookingId ??
  /bookings\/([0-9a-f-]{36})/.exec(operation.request.path)?.[1];

/** Final reads of bookings about which such an acknowledged operation was. */
function endsOf(history: History, kind: OperationKind, status: number) {
  const ids = answersTo(history, kind, status).map(bookingOf);
  return history.final.bookings.filter(({ bookingId }) => ids.includes(bookingId));
}

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

/** Takes the first item that fits out of a list. */
function remove<T>(items: T[], fits: (item: T) => boolean): boolean {
  const index = items.findIndex(fits);
  if (index !== -1) items.splice(index, 1);
  return index !== -1;
}

function change<T extends object>(item: T | undefined, by: Partial<T>): boolean {
  return item !== undefined && Object.assign(item, by) === item;
}

function giveOtherSeat(passengers: unknown): boolean {
  const [only] = passengers as { seats: { seatNumber: string }[] }[];
  return change(only?.seats[0], { seatNumber: '9F' });
}

/** Final reads of bookings that nobody has tried to change, and whose creation was acknowledged. */
function lasting(history: History) {
  const made = answersTo(history, 'book', 201).map(
    (operation) => (JSON.parse(operation.response?.body ?? '') as Body).id,
  );
  const changed = history.operations.filter(({ kind }) => kind === 'change').map(bookingOf);
  return history.final.bookings.filter(
    ({ bookingId }) => made.includes(bookingId) && !changed.includes(bookingId),
  );
}

interface FinalPayment {
  id: string;
  provider: string;
  amount: number;
  applied: boolean;
  refunds: { status: string; amount: number }[];
}

interface EventList {
  data: { type: string; occurredAt: string }[];
}

/** Takes what happened to a booking out of its list of events, and of what its shop got. */
function forget(
  { final, deliveries }: History,
  bookingId: string,
  listed: string,
  delivered: string,
): boolean {
  const list = final.events.filter((own) => own.bookingId === bookingId);
  const isListed = alter(list, ({ data }) =>
    remove(data as EventList['data'], ({ type }) => type === listed),
  );
  return (
    isListed &&
    [...deliveries.values()].some((lines) =>
      remove(lines, ({ body }) => {
        const { type, data } = JSON.parse(body) as {
          type: string;
          data: { booking: { id: string } };
        };
        return type === delivered && data.booking.id === bookingId;
      }),
    )
  );
}

const eventsOf = (lines: { body: string }[], type: string) =>
  lines.findIndex(({ body }) => (JSON.parse(body) as Body).type === type);

/** When the run is over; a time without faults. */
const late = ({ run }: History) => ({ sentAt: run.calmAt + 1, endedAt: run.calmAt + 2 });

export const BROKEN_PROMISES: BrokenPromise[] = [
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
      for (const operation of answersTo(history, 'schedule_change', 202))
        Object.assign(operation, { sentAt: -2, endedAt: -1 });
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
        ...{ method: 'POST', path: `/api/v1/bookings/${bookingId}/changes` },
        body: { quoteId: 'unknown' },
      };
      const asked = { client, kind: 'change' as const, key: 'lost', request, ...late(history) };
      history.operations.push(
        { ...asked, id: 'lost', attempt: 1, response: undefined, error: 'ECONNRESET' },
        {
          ...{ ...asked, id: 'refused', attempt: 2, error: undefined },
          ...{ sentAt: asked.endedAt + 1, endedAt: asked.endedAt + 2 },
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
  {
    check: 'money',
    what: 'a card is charged twice',
    breakIt: ({ provider: { payments } }) => {
      const first = payments.find(({ status }) => status === 'captured');
      if (first !== undefined) payments.push({ ...first, id: 'another', key: 'another' });
      return first !== undefined;
    },
  },
  {
    check: 'money',
    what: 'a refund was never made',
    breakIt: ({ provider: { payments } }) =>
      change(
        payments.find(({ refunds }) => refunds.length > 0),
        { refunds: [] },
      ),
  },
  {
    check: 'money',
    what: 'a refund is a cent short',
    breakIt: ({ provider: { payments } }) => {
      const refund = payments.flatMap(({ refunds }) => refunds)[0];
      return refund !== undefined && change(refund, { amount: refund.amount - 1 });
    },
  },
  {
    check: 'money',
    what: 'a payment of nobody is kept',
    breakIt: ({ provider: { payments } }) =>
      change(
        payments.find(({ status, refunds }) => status === 'captured' && refunds.length === 0),
        { bookingId: null },
      ),
  },
  {
    check: 'money',
    what: 'money stays reserved',
    breakIt: ({ provider: { payments } }) => {
      const [first] = payments;
      if (first === undefined) return false;
      payments.push({ ...first, id: 'another', status: 'authorized', capturedAt: null });
      return true;
    },
  },
  {
    check: 'money',
    what: 'a reported payment is on record twice',
    breakIt: ({ final }) =>
      alter(final.payments, ({ data }) => {
        const payments = (data ?? []) as { provider: string }[];
        const foreign = payments.find(({ provider }) => provider === 'bank');
        if (foreign !== undefined) payments.push({ ...foreign });
        return foreign !== undefined;
      }),
  },
  {
    check: 'money',
    what: 'another refund is made than was told',
    breakIt: (history) =>
      alter(
        answersTo(history, 'cancel', 200),
        ({ refund }) => refund !== null && change(refund as { amount: number }, { amount: 1 }),
      ),
  },
  {
    check: 'money',
    what: 'less goes back than was quoted just before',
    breakIt: (history) => {
      // A schedule change at the same time may change what goes back.
      const operations = history.operations.filter(({ kind }) => kind !== 'schedule_change');
      history.operations = operations;
      const quotes = answersTo(history, 'cancel_quote', 200).filter((quote) => {
        const own = operations.filter((other) => bookingOf(other) === bookingOf(quote));
        const [next] = own.filter(({ sentAt }) => sentAt > quote.sentAt);
        const isSold = own.some(
          ({ kind, response: answer, endedAt }) =>
            kind === 'pay' && answer?.status === 201 && endedAt < quote.sentAt,
        );
        const isFirst = own.find(({ kind }) => kind === 'cancel') === next;
        return isSold && isFirst && next?.response?.status === 200;
      });
      return alter(quotes, ({ refund }) => {
        const { amount } = refund as { amount: number };
        return amount > 0 && change(refund as { amount: number }, { amount: amount + 1 });
      });
    },
  },
  {
    check: 'money',
    what: 'a refund of our own provider waits for a person',
    breakIt: ({ final, provider: { payments } }) =>
      alter(final.payments, ({ data }) => {
        const own = ((data ?? []) as FinalPayment[]).find(
          ({ provider, refunds }) => provider === 'sandbox' && refunds.length > 0,
        );
        const charged = payments.find(({ key }) => key === own?.id);
        return (
          change(own?.refunds[0], { status: 'needs_operator' }) && change(charged, { refunds: [] })
        );
      }),
  },
  {
    check: 'money',
    what: 'another refund is made, and on record, than the booking shows',
    breakIt: ({ final, provider: { payments } }) =>
      alter(final.payments, ({ data }) => {
        const own = ((data ?? []) as FinalPayment[]).find(
          ({ provider, refunds }) => provider === 'sandbox' && refunds.length > 0,
        );
        const charged = payments.find(({ key }) => key === own?.id);
        return change(own?.refunds[0], { amount: 1 }) && change(charged?.refunds[0], { amount: 1 });
      }),
  },
  {
    check: 'money',
    what: 'another price is charged than was acknowledged',
    breakIt: (history) => {
      const { final, provider } = history;
      const line = lasting(history).find(({ bookingId, response: { body } }) => {
        const isSold = endsOf(history, 'pay', 201).some((one) => one.bookingId === bookingId);
        return isSold && body.includes('"booked"');
      });
      const own = final.payments.find(({ bookingId }) => bookingId === line?.bookingId);
      const charged = provider.payments.find(({ bookingId }) => bookingId === line?.bookingId);
      const pays = answersTo(history, 'pay', 201).filter(
        (one) => bookingOf(one) === line?.bookingId,
      );
      const price = { amount: 12_345 };
      if (line === undefined || own === undefined || !change(charged, price)) return false;
      for (const pay of pays) alter([pay], (body) => change(body, price));
      alter([line], (body) => change(body.price as typeof price, price));
      return alter([own], ({ data }) =>
        change(
          ((data ?? []) as FinalPayment[]).find(({ applied }) => applied),
          price,
        ),
      );
    },
  },
  {
    check: 'deadlines',
    what: 'a hold is kept for a tenth of a second longer than the 2 s of grace',
    breakIt: (history) => moveExpiry(history, 2_100),
  },
  {
    check: 'deadlines',
    what: 'a hold ends a little before its deadline',
    breakIt: (history) => moveExpiry(history, -100),
  },
  {
    check: 'deadlines',
    what: 'a payment is taken after the deadline',
    breakIt: (history) => {
      const [paid] = answersTo(history, 'pay', 201);
      return change(paid, { key: 'late', ...late(history) });
    },
  },
  {
    check: 'events',
    what: 'an event never arrives',
    breakIt: ({ deliveries }) =>
      [...deliveries.values()].some((lines) => {
        const index = eventsOf(lines, 'booking.booked');
        return index !== -1 && lines.splice(index, 1).length > 0;
      }),
  },
  {
    check: 'events',
    what: 'a sale is in no list of events, and no shop hears of it',
    breakIt: (history) => {
      const line = endsOf(history, 'pay', 201).find(({ bookingId }) =>
        history.final.events.some(
          (own) =>
            own.bookingId === bookingId &&
            (JSON.parse(own.response.body) as EventList).data.at(-1)?.type === 'booked',
        ),
      );
      return line !== undefined && forget(history, line.bookingId, 'booked', 'booking.booked');
    },
  },
  {
    check: 'events',
    what: 'a shop never hears of the first event of a booking whose creation had no outcome',
    breakIt: (history) => {
      const idOf = ({ response: answer }: Operation) =>
        (JSON.parse(answer?.body ?? '{}') as { id?: string }).id;
      const bookingId = answersTo(history, 'book', 201).map(idOf)[0];
      if (bookingId === undefined) return false;
      for (const one of answersTo(history, 'book', 201))
        if (idOf(one) === bookingId)
          one.response = response(503, { code: 'unavailable', bookingId }, { 'retry-after': '1' });
      return forget(history, bookingId, 'seats_held', 'booking.pending');
    },
  },
  {
    check: 'events',
    what: 'an event tells what never happened',
    breakIt: ({ final }) =>
      alter(final.events, ({ data }) =>
        remove((data ?? []) as { type: string }[], ({ type }) => type === 'schedule_changed'),
      ),
  },
  {
    check: 'events',
    what: 'an event is not signed',
    breakIt: ({ deliveries }) => {
      const line = [...deliveries.values()].flat()[0];
      return line !== undefined && change(line, { body: `${line.body} ` });
    },
  },
  {
    check: 'events',
    what: 'an event goes to another shop',
    breakIt: ({ deliveries }) => {
      const [one, other] = [...deliveries.values()];
      const line = one?.[0];
      if (line !== undefined) other?.push(line);
      return line !== undefined;
    },
  },
  {
    check: 'mails',
    what: 'a mail never arrives',
    breakIt: ({ mails }) => remove(mails, ({ subject }) => subject === 'cancelled'),
  },
  {
    check: 'mails',
    what: 'a mail comes twice, long after the last fault',
    breakIt: (history) => {
      const [first] = history.mails;
      if (first === undefined) return false;
      history.faults = [];
      history.mails.push({ ...first });
      return true;
    },
  },
  {
    check: 'mails',
    what: 'a stranger gets a mail',
    breakIt: ({ mails }) => change(mails[0], { to: 'stranger@example.com' }),
  },
  {
    check: 'availability',
    what: 'a request has no answer though nothing is broken',
    breakIt: (history) =>
      change(history.operations[0], { ...late(history), response: undefined, error: 'ECONNRESET' }),
  },
  {
    check: 'availability',
    what: 'a probe has no answer though only a receiver is slow',
    breakIt: (history) => {
      leaveNoExcuse(history);
      history.faults = history.faults.filter(({ target }) => target.startsWith('workers→'));
      const at = { at: 5_000, wall: history.run.startedAt, milliseconds: 2_000 };
      return history.probes.push({ ...at, endpoint: 'search', ok: false, status: null }) > 0;
    },
  },
  {
    check: 'availability',
    what: 'an error of our own, in the storm',
    breakIt: ({ operations }) =>
      change(
        operations.find(({ kind }) => kind === 'seats'),
        { response: response(500, {}) },
      ),
  },
  {
    check: 'availability',
    what: 'a 503 that does not say when to come again',
    breakIt: ({ operations }) =>
      change(
        operations.find(({ kind }) => kind === 'seats'),
        { response: response(503, {}) },
      ),
  },
];

const CANCELLED = { status: 'cancelled', cancellationReason: 'customer_request' };

/**
 * Leaves only faults that excuse no hold: one that hits what a hold's end depends on comes long
 * after every deadline, and those that come in time hit something else.
 */
function leaveNoExcuse(history: History): void {
  const { run } = history;
  const details = {};
  const late = { begunAt: run.calmAt, endedAt: run.calmAt };
  const everywhen = { begunAt: 0, endedAt: run.calmAt };
  history.faults = [
    { ...{ id: 'late', kind: 'stop', target: 'worker-1', details }, ...late },
    { ...{ id: 'clock', kind: 'clock', target: 'api-1', details }, ...everywhen },
    { ...{ id: 'shop', kind: 'latency', target: 'workers→shop-1', details }, ...everywhen },
  ];
}

/** Has a hold that expired end so long after its deadline, while no fault excuses it. */
function moveExpiry(history: History, byMs: number): boolean {
  leaveNoExcuse(history);
  const paid = history.operations.filter(({ kind }) => kind === 'pay').map(bookingOf);
  return history.final.bookings.some(({ bookingId, response: { body } }) => {
    const { cancellationReason, paymentRequiredBy } = JSON.parse(body) as Body;
    if (cancellationReason !== 'payment_expired' || paid.includes(bookingId)) return false;
    const end = Date.parse(paymentRequiredBy as string) + byMs;
    const lines = history.final.events.filter((own) => own.bookingId === bookingId);
    return alter(lines, ({ data }) =>
      change(
        (data as EventList['data']).find(({ type }) => type === 'cancelled'),
        { occurredAt: new Date(end).toISOString() },
      ),
    );
  });
}
