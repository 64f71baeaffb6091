import { waitUntil } from '../../src/cli/wait';
import { refundIdOf } from '../../src/db/refunds/refunds';
import type { ScheduleChange } from '../../src/db/schedule-changes/progress-view';
import type { Booking } from '../../src/domain/booking';
import { newKey } from '../api/client';
import type { Answer } from '../api/contract';
import type { CrashShop } from './crash-shop';
import type { Gate } from './gates';
import { answersOf, begin, standing, type KillPoint, type Point } from './points';
import { PATIENCE_MS } from '../support/patience';
import { persist, type Holder } from './shopper';

/**
 * Where what the airline does to a sold booking can stand still: when its flight is changed, when
 * it is offered that, when the customer accepts, and when nobody has responded in time.
 */

const HOUR_MS = 60 * 60_000;
const FREE = { free: 6, held: 0, sold: 0 };
const SOLD = { free: 5, held: 0, sold: 1 };

const OFFERED = {
  answers: [202, 202],
  status: 'booked',
  seats: SOLD,
  charges: ['captured'],
  refunds: [],
  actionTaken: null,
  offers: 1,
  progress: { affected: 1, settled: 0, waiting: 1, failed: 0 },
};
const ACCEPTED = {
  ...OFFERED,
  answers: [200, 200],
  sameAnswer: true,
  actionTaken: 'accepted',
  progress: { affected: 1, settled: 1, waiting: 0, failed: 0 },
};
const GIVEN_BACK = {
  ...OFFERED,
  status: 'cancelled',
  seats: FREE,
  refunds: [12_000],
  actionTaken: 'cancelled',
  progress: ACCEPTED.progress,
  reason: 'flight_cancelled',
};

const ENDED = {
  ...GIVEN_BACK,
  charges: [],
  refunds: [],
  actionTaken: undefined,
  offers: 0,
};
const ACCEPTED_UNASKED = { ...ACCEPTED, answers: [202, 202], sameAnswer: undefined, offers: 2 };

type Order = { kind: 'cancelled' } | { kind: 'moved'; departureAt: string; arrivalAt: string };
type Close = (shop: CrashShop, holder: Holder) => Promise<Gate>;

const CANCELLED: Order = { kind: 'cancelled' };

function moved(departsAt: number): Order {
  const at = (instant: number) => new Date(instant).toISOString();
  return { kind: 'moved', departureAt: at(departsAt), arrivalAt: at(departsAt + 8 * HOUR_MS) };
}

/** Sends an order, with the same key every time, until it is accepted. */
function ordering({ operator, flight }: Holder, order: Order) {
  const key = newKey();
  return () =>
    persist(
      () =>
        operator.post<ScheduleChange>(
          `/api/v1/flights/${flight.id}/schedule-changes`,
          { ...order, reason: 'Fog.' },
          { 'x-idempotency-key': key },
        ),
      ({ status }) => status !== 503,
    );
}

async function sold(shop: CrashShop, departsInDays?: number): Promise<Holder> {
  const holder = await shop.holder(departsInDays);
  await holder.pay(holder.booking);
  return holder;
}

/** A schedule change that stops at a gate. */
function disrupting(close: Close, order = CANCELLED): Point {
  return async (shop) => {
    const holder = await sold(shop);
    const gate = await close(shop, holder);
    const request = ordering(holder, order);
    const first = begin(request);
    const look = async () => {
      const { answers } = await answersOf(first, request);
      await untilOffered(holder);
      return { answers, ...(await disrupted(holder, (await request()).body)) };
    };
    return { gate, look };
  };
}

async function untilOffered(holder: Holder): Promise<void> {
  await waitUntil(async () => ((await holder.read()).scheduleChange ?? null) !== null, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('The booking was never offered anything'),
  });
}

async function disrupted(holder: Holder, change: ScheduleChange) {
  const { affected, settled, waiting, failed } = change;
  const { scheduleChange } = await holder.read();
  const events = (await holder.client.events({ id: holder.bookingId })).body.data;
  return {
    ...(await standing(holder)),
    refunds: await holder.refunds(),
    actionTaken: scheduleChange?.actionTaken,
    offers: events.filter(({ type }) => type === 'schedule_changed').length,
    progress: { affected, settled, waiting, failed },
  };
}

/** An acceptance that stops before it is decided. */
const accepting: Point = async (shop) => {
  const holder = await sold(shop);
  const request = ordering(holder, moved(holder.flight.departureAt.getTime() + 5 * HOUR_MS));
  await request();
  await untilOffered(holder);
  const gate = await shop.gates.decisionOf(holder.bookingId);
  const path = `/api/v1/bookings/${holder.bookingId}/schedule-change/accept`;
  const accept = () => persist<Booking>(() => holder.client.post<Booking>(path, {}));
  const first = begin(accept);
  const look = async () => {
    const answers = await answersOf(first, accept);
    return { ...answers, ...(await disrupted(holder, (await request()).body)) };
  };
  return { gate, look };
};

/**
 * A booking whose flight leaves in a moment, three days too early, and whose customer does not
 * respond. It stops at a gate; before that at another one, so that the last stops nothing earlier.
 */
function closing(close: Close, through?: Close): Point {
  return async (shop) => {
    const holder = await sold(shop, 3);
    const door = await through?.(shop, holder);
    const early = door === undefined ? await close(shop, holder) : undefined;
    const request = ordering(holder, moved(Date.now() + LEAVES_IN_MS));
    const first: Promise<Answer<ScheduleChange>> = begin(request);
    await door?.reached();
    const gate = early ?? (await close(shop, holder));
    await door?.open();
    await gate.reached();
    const look = async () => {
      await waitUntil(async () => (await holder.read()).refund?.status === 'succeeded', {
        timeoutMs: PATIENCE_MS,
        onTimeout: () => new Error('The money never went back'),
      });
      const { answers } = await answersOf(first, request);
      await holder.workflow.result();
      const { cancellationReason: reason } = await holder.read();
      return { answers, ...(await disrupted(holder, (await request()).body)), reason };
    };
    return { gate, look };
  };
}

/** Enough for the booking to be told before. */
const LEAVES_IN_MS = 4_000;

/** A hold whose flight is cancelled. It stops where its seats are released. */
const ending: Point = async (shop) => {
  const holder = await shop.holder();
  const gate = await seats(shop, holder);
  const request = ordering(holder, CANCELLED);
  const first = begin(request);
  const look = async () => {
    const { answers } = await answersOf(first, request);
    await holder.workflow.result();
    const { cancellationReason: reason } = await holder.read();
    return { answers, ...(await disrupted(holder, (await request()).body)), reason };
  };
  return { gate, look };
};

/**
 * A booking whose flight leaves in a moment, less than a minute before what its customer has accepted.
 * They do not respond. It stops where the new times are accepted for them.
 */
const acceptingUnasked: Point = async (shop) => {
  const holder = await sold(shop, 3);
  await ordering(holder, moved(Date.now() + 60_000))();
  await untilOffered(holder);
  const path = `/api/v1/bookings/${holder.bookingId}/schedule-change/accept`;
  await persist<Booking>(() => holder.client.post<Booking>(path, {}));
  const request = ordering(holder, moved(Date.now() + 2 * LEAVES_IN_MS));
  const first = begin(request);
  const { id } = (await first).body;
  const standsAs = (isSo: (change: Booking['scheduleChange']) => boolean) =>
    waitUntil(async () => isSo((await holder.read()).scheduleChange), {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error('Its second schedule change does not get on'),
    });
  await standsAs((change) => change?.id === id);
  const gate = await decision(shop, holder);
  await gate.reached();
  const look = async () => {
    await standsAs((change) => change?.actionTaken === 'accepted');
    const { answers } = await answersOf(first, request);
    await holder.workflow.result();
    return { answers, ...(await disrupted(holder, (await request()).body)) };
  };
  return { gate, look };
};

const applied: Close = ({ gates }, { bookingId }) => gates.bookingChange(bookingId);
const seats: Close = ({ gates }, { bookingId }) => gates.seatsOf(bookingId);
const decision: Close = ({ gates }, { bookingId }) => gates.decisionOf(bookingId);
const refundRow: Close = ({ gates }, { paymentId }) => gates.refundChange(paymentId);
const refund: Close = ({ gates }, { paymentId }) => gates.provider(refundIdOf(paymentId), 'refund');

/** What a killed worker has not committed, nobody has heard of. */
export const DISRUPTIONS_BEFORE_COMMIT: KillPoint[] = [
  [
    'schedule change: before it locks the flight',
    disrupting(({ gates }, { flight }) => gates.flightLock(flight.id)),
    OFFERED,
  ],
  ['schedule change: written, not committed', disrupting(applied), OFFERED],
  ['schedule change: the booking told, and its offer not made', disrupting(decision), OFFERED],
  ['accept: not decided', accepting, ACCEPTED],
  ['schedule change: an unpaid booking ended, not committed', ending, ENDED],
];

/** What a killed worker has committed holds, though it never said so. */
export const DISRUPTIONS_AFTER_COMMIT: KillPoint[] = [
  ['schedule change: committed, nobody told', disrupting(applied), OFFERED],
  ['schedule change: the offer committed, the workflow not told', disrupting(decision), OFFERED],
  ['accept: committed, the workflow not told', accepting, ACCEPTED],
  ['schedule change: the end of an unpaid booking committed, not told', ending, ENDED],
];

/** Where another process than the worker is killed. */
export const DISRUPTIONS_UNDER_WAY: KillPoint[] = [
  ['schedule change, not committed', disrupting(applied), OFFERED],
  ['schedule change, the booking told', disrupting(decision), OFFERED],
  ['accept, not decided', accepting, ACCEPTED],
];

/** Bookings come to stand here by themselves, when their time is over: seconds later. */
export const CLOSINGS_BEFORE_COMMIT: KillPoint[] = [
  ['no response in time: small, and not accepted yet', acceptingUnasked, ACCEPTED_UNASKED],
  ['no response in time: the cancellation written, not committed', closing(seats), GIVEN_BACK],
  [
    'no response in time: closed, the provider not asked for the refund',
    closing(refund),
    GIVEN_BACK,
  ],
  [
    'no response in time: given back by the provider, not noted here',
    closing(refundRow, refund),
    GIVEN_BACK,
  ],
];
export const CLOSINGS_AFTER_COMMIT: KillPoint[] = [
  [
    'no response in time: small, the acceptance committed, the workflow not told',
    acceptingUnasked,
    ACCEPTED_UNASKED,
  ],
  [
    'no response in time: the cancellation committed, the workflow not told',
    closing(seats),
    GIVEN_BACK,
  ],
  [
    "no response in time: the refund in the provider's books, not answered",
    closing(({ gates }, { paymentId }) => gates.providersChange(paymentId)),
    GIVEN_BACK,
  ],
  [
    'no response in time: the refund noted, the workflow not told',
    closing(refundRow, refund),
    GIVEN_BACK,
  ],
];
