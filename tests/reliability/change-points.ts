import { v5 as uuidv5 } from 'uuid';
import { idOfKey } from '../../src/api/idempotency';
import { waitUntil } from '../../src/cli/wait';
import { refundIdOf } from '../../src/db/refunds/refunds';
import type { Change, ChangeQuote } from '../../src/domain/changes/change';
import { newKey } from '../api/client';
import type { Answer } from '../api/contract';
import { seatsByState, type FlightOnSale } from '../support/flights';
import type { CrashShop } from './crash-shop';
import type { Gate } from './gates';
import { answersOf, begin, standing, type KillPoint, type Point } from './points';
import { PATIENCE_MS } from '../support/patience';
import { persist, type Holder } from './shopper';

/**
 * Where a change of a booking can stand still: at each step of its saga, and at the undo of each.
 * The other flight costs as much as the first, so that the fee of 25 dollars is charged; or 60
 * dollars less, so that 35 go back.
 */

const CHEAP = { base: 4_000 };
const VISA = 'pm_card_visa';
const DECLINED_CARD = 'pm_card_chargeDeclined';

const NOTHING = { free: 6, held: 0, sold: 0 };
const ONE_SOLD = { free: 5, held: 0, sold: 1 };

const CHANGED = {
  answers: [201, 201],
  sameAnswer: true,
  status: 'booked',
  seats: NOTHING,
  newSeats: ONE_SOLD,
  charges: ['captured', 'captured'],
  refunds: [],
  change: 'completed',
};
const CHANGED_FOR_LESS = { ...CHANGED, charges: ['captured'], refunds: [3_500] };
const AS_BEFORE = { ...CHANGED, seats: ONE_SOLD, newSeats: NOTHING, change: 'failed' };
const DECLINED = { ...AS_BEFORE, answers: [402, 402], charges: ['captured', 'declined'] };
/** Its new flight was cancelled while it was paid for: what was taken for it goes back. */
const UNDONE = {
  ...AS_BEFORE,
  answers: [409, 409],
  // Why it is refused depends on when it is asked.
  sameAnswer: expect.any(Boolean) as unknown,
  refunds: [2_500],
};

/** A customer with a quote for a change of their paid booking. */
interface Changer extends Holder {
  other: FlightOnSale;
  changeId: string;
  changeKey: string;
  /** The charge of the change. */
  chargeId: string;
  /** Asks for the change, with the same key every time, until there is a definite answer. */
  change(paymentMethod: string): Promise<Answer<Change>>;
}

async function newChanger(shop: CrashShop, fare: { base?: number }): Promise<Changer> {
  const holder = await shop.holder();
  await holder.pay(holder.booking);
  const other = await shop.flight(30, fare);
  const path = `/api/v1/bookings/${holder.bookingId}`;
  const slices = [{ replaces: 0, flightIds: [other.id] }];
  const quoted = await holder.client.post<ChangeQuote>(`${path}/change-quotes`, { slices });
  expect(quoted.status).toBe(201);
  const changeKey = newKey();
  const changeId = idOfKey(holder.customerId, 'changes', changeKey);
  return {
    ...holder,
    other,
    changeId,
    changeKey,
    chargeId: uuidv5('payment', changeId),
    change: (paymentMethod) =>
      persist(() =>
        holder.client.post<Change>(
          `${path}/changes`,
          { quoteId: quoted.body.id, paymentMethod },
          { 'x-idempotency-key': changeKey },
        ),
      ),
  };
}

type Close = (shop: CrashShop, changer: Changer) => Promise<Gate>;

interface Manner {
  card?: string;
  fare?: { base?: number };
  /** Where it is stopped first, so that the last gate stops nothing before. */
  through?: Close;
  /** What happens while it stands there. */
  meanwhile?: (shop: CrashShop, changer: Changer) => Promise<unknown>;
}

/** A change that stops at a gate. */
function changing(
  close: Close,
  { card = VISA, fare = {}, through, meanwhile }: Manner = {},
): Point {
  return async (shop) => {
    const changer = await newChanger(shop, fare);
    const [door, early] =
      through === undefined
        ? [undefined, await close(shop, changer)]
        : [await through(shop, changer), undefined];
    const first = begin(() => changer.change(card));
    await door?.reached();
    await meanwhile?.(shop, changer);
    const gate = early ?? (await close(shop, changer));
    await door?.open();
    return { gate, look: () => changedOrNot(shop, changer, first, card) };
  };
}

async function changedOrNot(
  shop: CrashShop,
  changer: Changer,
  first: Promise<Answer<Change>>,
  card: string,
) {
  const answers = await answersOf(first, () => changer.change(card));
  const owed = () =>
    shop
      .db('refunds')
      .join('payments', 'payments.id', 'refunds.payment_id')
      .where({ booking_id: changer.bookingId })
      .whereNot('refunds.status', 'succeeded')
      .pluck<string[]>('refunds.id');
  await waitUntil(async () => (await owed()).length === 0, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('The money never went back'),
  });
  const path = `/api/v1/bookings/${changer.bookingId}/changes/${changer.changeId}`;
  return {
    ...answers,
    ...(await standing(changer)),
    newSeats: await seatsByState(shop.db, changer.other.id),
    refunds: await changer.refunds(),
    change: (await changer.client.get<Change>(path)).body.status,
  };
}

/** The new flight is cancelled, so that the change can't be completed. */
async function cancelNewFlight(_shop: CrashShop, { operator, other }: Changer): Promise<void> {
  const cancelled = await operator.post(
    `/api/v1/flights/${other.id}/schedule-changes`,
    { kind: 'cancelled', reason: 'Fog.' },
    { 'x-idempotency-key': newKey() },
  );
  expect(cancelled.status).toBe(202);
}

const hold: Close = ({ gates }, { other }) => gates.changeSegments(other.id);
const payment: Close = ({ gates }, { customerId }) => gates.claim(customerId);
const paymentRow: Close = ({ gates }, { chargeId, bookingId }) =>
  gates.paymentRow(chargeId, bookingId);
const authorize: Close = ({ gates }, { chargeId }) => gates.provider(chargeId, 'authorize');
const capture: Close = ({ gates }, { chargeId }) => gates.provider(chargeId, 'capture');
const charge: Close = ({ gates }, { chargeId }) => gates.paymentChange(chargeId);
const binding: Close = ({ gates }, { customerId, changeKey }) =>
  gates.bindingOf(customerId, 'changes', changeKey);
const refund: Close = ({ gates }, { paymentId, changeId }) =>
  gates.provider(refundIdOf(paymentId, changeId), 'refund');
const refundRow: Close = ({ gates }, { paymentId }) => gates.refundChange(paymentId);
const seats: Close = ({ gates }, { bookingId }) => gates.seatsOf(bookingId);

const cancelledWhileCharged = { through: capture, meanwhile: cancelNewFlight };

/** What a killed worker has not committed, nobody has heard of. */
export const CHANGES_BEFORE_COMMIT: KillPoint[] = [
  [
    'change: before the hold begins',
    changing(({ gates }, { other }) => gates.flightLock(other.id)),
    CHANGED,
  ],
  ['change: the hold written, not committed', changing(hold), CHANGED],
  ['change: held, its payment not begun', changing(payment), CHANGED],
  [
    'change: its payment written, not committed',
    changing(paymentRow, { through: payment }),
    CHANGED,
  ],
  ['change: its payment on record, the provider not asked', changing(authorize), CHANGED],
  ['change: authorized, capture not asked for', changing(capture), CHANGED],
  ['change: captured, not completed here', changing(charge, { through: capture }), CHANGED],
  ['change: the completion written, not committed', changing(binding), CHANGED],
  ['change: declined, not committed here', changing(binding, { card: DECLINED_CARD }), DECLINED],
  [
    'change: completed, the provider not asked for the refund',
    changing(refund, { fare: CHEAP }),
    CHANGED_FOR_LESS,
  ],
  [
    'change: given back by the provider, not noted here',
    changing(refundRow, { fare: CHEAP, through: refund }),
    CHANGED_FOR_LESS,
  ],
  ['undo of a change: the capture not noted', changing(charge, cancelledWhileCharged), UNDONE],
  ['undo of a change: its seats not put back', changing(seats, cancelledWhileCharged), UNDONE],
];

/** What a killed worker has committed holds, though it never said so. */
export const CHANGES_AFTER_COMMIT: KillPoint[] = [
  ['change: the hold committed, the workflow not told', changing(hold), CHANGED],
  [
    'change: its payment committed, the workflow not told',
    changing(paymentRow, { through: payment }),
    CHANGED,
  ],
  [
    "change: the authorization in the provider's books, not answered",
    changing(({ gates }, { chargeId }) => gates.providersEntry(chargeId)),
    CHANGED,
  ],
  ["change: the capture in the provider's books, not answered", changing(capture), CHANGED],
  ['change: the completion committed, the workflow not told', changing(binding), CHANGED],
  [
    'change: the decline committed, the workflow not told',
    changing(binding, { card: DECLINED_CARD }),
    DECLINED,
  ],
  [
    "change: the refund in the provider's books, not answered",
    changing(({ gates }, { paymentId }) => gates.providersChange(paymentId), { fare: CHEAP }),
    CHANGED_FOR_LESS,
  ],
  [
    'change: the refund noted, the workflow not told',
    changing(refundRow, { fare: CHEAP, through: refund }),
    CHANGED_FOR_LESS,
  ],
  [
    'undo of a change: the capture noted, the workflow not told',
    changing(charge, cancelledWhileCharged),
    UNDONE,
  ],
  [
    'undo of a change: its seats put back, the workflow not told',
    changing(seats, cancelledWhileCharged),
    UNDONE,
  ],
];

/** Where another process than the worker is killed. */
export const CHANGES_UNDER_WAY: KillPoint[] = [
  ['change, the hold not committed', changing(hold), CHANGED],
  ['change, captured', changing(charge, { through: capture }), CHANGED],
  ['change, the completion not committed', changing(binding), CHANGED],
];
