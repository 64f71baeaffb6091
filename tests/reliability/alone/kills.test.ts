import { setTimeout as wait } from 'node:timers/promises';
import { waitUntil } from '../../../src/cli/wait';
import { refundIdOf } from '../../../src/db/refunds/refunds';
import { paymentReceived } from '../../../src/temporal/contracts/booking';
import type { CrashShop } from '../crash-shop';
import { CHANGES_AFTER_COMMIT, CHANGES_BEFORE_COMMIT, CHANGES_UNDER_WAY } from '../change-points';
import {
  CLOSINGS_AFTER_COMMIT,
  CLOSINGS_BEFORE_COMMIT,
  DISRUPTIONS_AFTER_COMMIT,
  DISRUPTIONS_BEFORE_COMMIT,
  DISRUPTIONS_UNDER_WAY,
} from '../disruption-points';
import { openAll, untilReached, type Gate } from '../gates';
import {
  answersOf,
  begin,
  standing,
  type KillPoint,
  type Point,
  type Request,
  type Stopped,
} from '../points';
import { PATIENCE_MS } from '../../support/patience';
import { type Holder, type Shopper } from '../shopper';
import { PARTS as ALL_PARTS, type Part } from '../../support/dev-stack';
import { openForAllTests } from '../whole-file';

/**
 * kill -9 of each process, between any two effects of a booking. A booking is brought to stand
 * still at its point by a lock that its next statement needs; bookings stand at all points at once,
 * and one kill hits them all. What is expected of each is in docs/reliability.md. KILL_POINTS=all
 * kills each process at each step, which takes a few minutes more.
 */

/** Far longer than a crash, its recovery and all looks take: no deadline is waited for here. */
const PAYMENT_WINDOW_SECONDS = 600;

let shop: CrashShop;

openForAllTests(PAYMENT_WINDOW_SECONDS, (opened) => {
  shop = opened;
});

/** What a customer has in the end who asked for a seat: the same answer, however often they ask. */
const HELD = {
  answers: [201, 201],
  sameAnswer: true,
  status: 'pending',
  seats: { free: 5, held: 1, sold: 0 },
  charges: [],
};
const PAID = {
  answers: [201, 201],
  sameAnswer: true,
  status: 'booked',
  seats: { free: 5, held: 0, sold: 1 },
  charges: ['captured'],
};
const DECLINED = { ...HELD, answers: [402, 402], charges: ['declined'] };
const EXTERNALLY_PAID = { status: 'booked', seats: PAID.seats, charges: [], captures: 1 };
const CANCELLED = {
  ...HELD,
  answers: [200, 200],
  status: 'cancelled',
  seats: { free: 6, held: 0, sold: 0 },
};

const GIVEN_UP = {
  ...CANCELLED,
  answers: [409, 409],
  // Nothing was decided for its key: who is told late hears that the booking is not payable, not why.
  sameAnswer: expect.any(Boolean) as unknown,
  charges: ['voided'],
};
const SOLD_BACK = {
  answers: [200, 200],
  status: 'cancelled',
  seats: CANCELLED.seats,
  charges: ['captured'],
  refunds: [12_000],
  // It ends when the money has gone back.
  workflow: 'cancelled',
};
const OWED_BACK = {
  status: 'cancelled',
  seats: CANCELLED.seats,
  charges: [],
  owed: ['needs_operator'],
};

/**
 * Sends a request, and returns how to see what came of it: its answer, that of a retry, and the
 * state of the booking.
 */
function sent(customer: Shopper, request: Request): () => Promise<unknown> {
  const first = begin(request);
  return async () => ({
    ...(await answersOf(first, request)),
    ...(await standing(customer)),
  });
}

/** A create that stops at a gate. */
function creating(close: (customer: Shopper) => Promise<Gate>): Point {
  return async () => {
    const customer = await shop.shopper();
    const gate = await close(customer);
    return { gate, look: sent(customer, customer.create) };
  };
}

/** A payment that stops at a gate. */
function paying(close: (holder: Holder) => Promise<Gate>, details = {}): Point {
  return async () => {
    const holder = await shop.holder();
    const gate = await close(holder);
    return { gate, look: sent(holder, () => holder.pay(holder.booking, details)) };
  };
}

/**
 * A payment that stops where its row changes next, after the provider's door has been opened to it.
 */
function payingThrough(
  operation: 'authorize' | 'capture',
  close = ({ paymentId }: Holder) => shop.gates.paymentChange(paymentId),
): Point {
  return async () => {
    const holder = await shop.holder();
    const { paymentId, booking } = holder;
    const door = await shop.gates.provider(paymentId, operation);
    const look = sent(holder, () => holder.pay(booking));
    await door.reached();
    const gate = await close(holder);
    if (operation === 'authorize') await wait(SLOW_MS);
    await door.open();
    return { gate, look };
  };
}

/**
 * A provider that takes this long to reserve money is asked to capture it by another activity, once
 * its workflow has seen what came meanwhile.
 */
const SLOW_MS = 1_200;

/** Another service's payment that stops at a gate. */
function payExternally(close: (holder: Holder) => Promise<Gate>): Point {
  return async () => {
    const holder = await shop.holder();
    const gate = await close(holder);
    const { amount, currency } = holder.booking.price;
    const providerPaymentId = `acme-${holder.bookingId}`;
    await holder.workflow.signal(paymentReceived, {
      amount,
      currency,
      provider: 'acme',
      providerPaymentId,
    });
    const look = async () => {
      await shop.settled(holder);
      const captures = await shop.db('payments').where({ provider_payment_id: providerPaymentId });
      return { ...(await standing(holder)), captures: captures.length };
    };
    return { gate, look };
  };
}

/** A cancellation that stops at a gate. */
const cancelling: Point = async () => {
  const holder = await shop.holder();
  const gate = await shop.gates.seatsOf(holder.bookingId);
  return { gate, look: sent(holder, () => holder.cancel(holder.booking)) };
};

/** A payment that is given up before its money is taken, since an operator cancels meanwhile. */
const givingUp: Point = async () => {
  const holder = await shop.holder();
  const { paymentId, booking, workflow } = holder;
  const door = await shop.gates.provider(paymentId, 'authorize');
  const look = sent(holder, () => holder.pay(booking));
  await door.reached();
  await workflow.cancel();
  const gate = await shop.gates.provider(paymentId, 'void');
  await wait(SLOW_MS);
  await door.open();
  return { gate, look };
};

/**
 * A cancellation of a booking that is paid for; it, or the refund that it brings about, stops at a
 * gate. Where its workflow is gone, the cancellation starts it again.
 */
function cancellingSale(
  close: (holder: Holder) => Promise<Gate>,
  { isWorkflowGone = false } = {},
): Point {
  return async () => {
    const holder = await shop.holder();
    await holder.pay(holder.booking);
    if (isWorkflowGone) await holder.workflow.terminate();
    const gate = await close(holder);
    const first = holder.cancel(holder.booking);
    first.catch(() => undefined);
    return { gate, look: () => soldBack(holder, first) };
  };
}

/**
 * A refund that stops where its row changes next, after the provider's door has been opened to it.
 */
const refundingThrough: Point = async () => {
  const holder = await shop.holder();
  await holder.pay(holder.booking);
  const door = await refundDoor(holder);
  const first = holder.cancel(holder.booking);
  first.catch(() => undefined);
  await door.reached();
  const gate = await shop.gates.refundChange(holder.paymentId);
  await door.open();
  return { gate, look: () => soldBack(holder, first) };
};

const refundDoor = ({ paymentId }: Holder) => shop.gates.provider(refundIdOf(paymentId), 'refund');

async function soldBack(holder: Holder, first: Promise<{ status: number }>) {
  const answers = [(await first).status, (await holder.cancel(holder.booking)).status];
  await waitUntil(async () => (await holder.read()).refund?.status === 'succeeded', {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('The money never went back'),
  });
  const workflow = (await holder.workflow.result()).status;
  return { answers, ...(await standing(holder)), refunds: await holder.refunds(), workflow };
}

/** Another service's payment of a booking that is cancelled, which stops where it is recorded. */
const paidTooLate: Point = async () => {
  const holder = await shop.holder();
  await holder.cancel(holder.booking);
  await shop.settled(holder);
  const providerPaymentId = `acme-${holder.bookingId}`;
  const gate = await shop.gates.externalRow(holder.bookingId, providerPaymentId);
  const { amount, currency } = holder.booking.price;
  const event = { amount, currency, provider: 'acme', providerPaymentId };
  await holder.payExternally(event);
  const look = async () => {
    await holder.payExternally(event);
    const owed = () =>
      shop
        .db('refunds')
        .join('payments', 'payments.id', 'refunds.payment_id')
        .where({ provider_payment_id: providerPaymentId })
        .pluck<string[]>('refunds.status');
    await waitUntil(async () => (await owed()).length > 0, {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error('The money was never recorded'),
    });
    return { ...(await standing(holder)), owed: await owed() };
  };
  return { gate, look };
};

const binding = ({ customerId, paymentKey }: Shopper) =>
  shop.gates.bindingOf(customerId, 'payments', paymentKey);
const claimBinding = ({ customerId, bookingKey }: Shopper) =>
  shop.gates.bindingOf(customerId, 'bookings', bookingKey);
const declinedCard = { paymentMethod: 'pm_card_chargeDeclined' };

/** What a killed process has not committed, nobody has heard of. */
const BEFORE_COMMIT: KillPoint[] = [
  [
    'create: before the claim begins',
    creating(({ customerId }) => shop.gates.claim(customerId)),
    HELD,
  ],
  ['create: the claim written, not committed', creating(claimBinding), HELD],
  [
    'pay: accepted, `processing` not committed',
    paying(({ paymentId, bookingId }) => shop.gates.paymentRow(paymentId, bookingId)),
    PAID,
  ],
  [
    'pay: `processing` committed, the provider not asked',
    paying(({ paymentId }) => shop.gates.provider(paymentId, 'authorize')),
    PAID,
  ],
  [
    'pay: authorized at the provider, capture not asked for',
    paying(({ paymentId }) => shop.gates.provider(paymentId, 'capture')),
    PAID,
  ],
  ['pay: authorized by a slow provider, not noted here', payingThrough('authorize'), PAID],
  [
    'pay: authorized by a slow provider and noted, capture not asked for',
    payingThrough('authorize', ({ paymentId }) => shop.gates.provider(paymentId, 'capture')),
    PAID,
  ],
  ['pay: captured at the provider, not confirmed here', payingThrough('capture'), PAID],
  ['pay: the confirmation written, not committed', paying(binding), PAID],
  ['pay: declined at the provider, not committed here', paying(binding, declinedCard), DECLINED],
  [
    'paid externally: the confirmation written, not committed',
    payExternally(({ bookingId }) => shop.gates.bookingChange(bookingId)),
    EXTERNALLY_PAID,
  ],
  ['cancel: the release written, not committed', cancelling, CANCELLED],
  ['give up: the provider not asked to let go', givingUp, GIVEN_UP],
  [
    'cancel a sale: written, not committed',
    cancellingSale(({ bookingId }) => shop.gates.seatsOf(bookingId)),
    SOLD_BACK,
  ],
  [
    'cancel a sale whose workflow was terminated: written, not committed',
    cancellingSale(({ bookingId }) => shop.gates.seatsOf(bookingId), { isWorkflowGone: true }),
    SOLD_BACK,
  ],
  ['refund: owed, the provider not asked', cancellingSale(refundDoor), SOLD_BACK],
  ['refund: given back by the provider, not noted here', refundingThrough, SOLD_BACK],
  ['paid too late: recorded, not committed', paidTooLate, OWED_BACK],
];

/** What a killed process has committed holds, though it never said so. */
const AFTER_COMMIT: KillPoint[] = [
  ['create: the claim committed, the workflow not told', creating(claimBinding), HELD],
  [
    'pay: `processing` committed, the workflow not told',
    paying(({ paymentId, bookingId }) => shop.gates.paymentRow(paymentId, bookingId)),
    PAID,
  ],
  [
    "pay: the authorization in the provider's books, not answered",
    paying(({ paymentId }) => shop.gates.providersEntry(paymentId)),
    PAID,
  ],
  [
    'pay: the authorization by a slow provider noted, the workflow not told',
    payingThrough('authorize'),
    PAID,
  ],
  [
    "pay: the capture in the provider's books, not answered",
    paying(({ paymentId }) => shop.gates.provider(paymentId, 'capture')),
    PAID,
  ],
  ['pay: the confirmation committed, the workflow not told', paying(binding), PAID],
  ['pay: the decline committed, the workflow not told', paying(binding, declinedCard), DECLINED],
  [
    'paid externally: the confirmation committed, the workflow not told',
    payExternally(({ bookingId }) => shop.gates.bookingChange(bookingId)),
    EXTERNALLY_PAID,
  ],
  ['cancel: the release committed, the workflow not told', cancelling, CANCELLED],
  [
    'cancel a sale: committed, the workflow not told, the refund not started',
    cancellingSale(({ bookingId }) => shop.gates.seatsOf(bookingId)),
    SOLD_BACK,
  ],
  [
    'cancel a sale whose workflow was terminated: committed, the refund not started',
    cancellingSale(({ bookingId }) => shop.gates.seatsOf(bookingId), { isWorkflowGone: true }),
    SOLD_BACK,
  ],
  [
    "refund: in the provider's books, not answered",
    cancellingSale(({ paymentId }) => shop.gates.providersChange(paymentId)),
    SOLD_BACK,
  ],
  ['refund: noted, the workflow not told', refundingThrough, SOLD_BACK],
  ['paid too late: recorded, the workflow not told', paidTooLate, OWED_BACK],
];

/** What each point is, its number, and what is expected of it. */
function numbered(...points: KillPoint[][]): [at: string, index: number, expected: unknown][] {
  return points.flat().map(([at, , expected], index) => [at, index, expected]);
}

/** Brings a booking to stand at each of the points. */
async function standAt(points: KillPoint[]): Promise<Stopped[]> {
  const stopped = await Promise.all(points.map(([, point]) => point(shop)));
  await untilReached(stopped.map(({ gate }) => gate));
  return stopped;
}

/** The worker is killed at each step; with `KILL_POINTS=all` each other process is, too. */
const PARTS: readonly Part[] = process.env.KILL_POINTS === 'all' ? ALL_PARTS : ['worker'];

/** Kills a part, and waits until it is back. The worker's successor finds what was done meanwhile. */
async function killWhile(part: Part, meanwhile: () => Promise<void>): Promise<void> {
  if (part !== 'worker') {
    await shop.stack.kill(part);
    await meanwhile();
    return;
  }
  const killed = shop.kill(part);
  await meanwhile();
  await shop.untilWorkerIsBack(killed);
}

type Scenes = [part: Part, what: string, quick: KillPoint[], slow: KillPoint[]][];

const CHANGES_AND_DISRUPTIONS = 'changes and disruptions';

const BEFORE: Scenes = PARTS.flatMap((part): Scenes => {
  const quick = [...CHANGES_BEFORE_COMMIT, ...DISRUPTIONS_BEFORE_COMMIT];
  return [
    [part, 'bookings', BEFORE_COMMIT, []],
    [part, CHANGES_AND_DISRUPTIONS, quick, CLOSINGS_BEFORE_COMMIT],
  ];
});

const AFTER: Scenes = PARTS.flatMap((part): Scenes => {
  const quick = [...CHANGES_AFTER_COMMIT, ...DISRUPTIONS_AFTER_COMMIT];
  return [
    [part, 'bookings', AFTER_COMMIT, []],
    [part, CHANGES_AND_DISRUPTIONS, quick, CLOSINGS_AFTER_COMMIT],
  ];
});

describe.each(BEFORE)(
  '%s is killed before a commit of %s: the activity is repeated, once',
  (part, _, quick, slow) => {
    const stopped: Stopped[] = [];

    beforeAll(async () => {
      stopped.push(...(await standAt(slow)), ...(await standAt(quick)));
      await killWhile(part, () => openAll(stopped.map(({ gate }) => gate)));
    });

    test.each(numbered(slow, quick))('%s', async (_at, index, expected) => {
      expect(await stopped[index]?.look()).toEqual(expected);
    });
  },
);

describe.each(AFTER)(
  '%s is killed after a commit of %s that the worker has not heard of: nothing is done twice',
  (part, _, quick, slow) => {
    const stopped: Stopped[] = [];

    beforeAll(async () => {
      stopped.push(...(await standAt(slow)), ...(await standAt(quick)));
      const silence = await shop.silenceCommits();
      await openAll(stopped.map(({ gate }) => gate));
      await silence.reached(stopped.length);
      await killWhile(part, () => silence.end());
    });

    test.each(numbered(slow, quick))('%s', async (_at, index, expected) => {
      expect(await stopped[index]?.look()).toEqual(expected);
    });
  },
);

/** Where the process that is killed is another one than the worker. */
const UNDER_WAY: KillPoint[] = [
  ['create, the claim not committed', creating(claimBinding), HELD],
  [
    'pay, `processing` not committed',
    paying(({ paymentId, bookingId }) => shop.gates.paymentRow(paymentId, bookingId)),
    PAID,
  ],
  ['pay, authorized', paying(({ paymentId }) => shop.gates.provider(paymentId, 'capture')), PAID],
  ['pay, captured', payingThrough('capture'), PAID],
  ['pay, the confirmation not committed', paying(binding), PAID],
  ['cancel, the release not committed', cancelling, CANCELLED],
  ...CHANGES_UNDER_WAY,
  ...DISRUPTIONS_UNDER_WAY,
];

describe.each(['api', 'temporal', 'postgres'] as const)(
  '%s is killed: a client who asks again gets the one outcome',
  (part) => {
    let stopped: Stopped[];

    beforeAll(async () => {
      stopped = await standAt(UNDER_WAY);
      await shop.stack.kill(part);
      await openAll(stopped.map(({ gate }) => gate));
    });

    test.each(numbered(UNDER_WAY))('%s', async (_, index, expected) => {
      expect(await stopped[index]?.look()).toEqual(expected);
    });
  },
);

test('after all of it the books agree, with one another and with the workflows', async () => {
  expect(await shop.audit()).toEqual([]);
});
