import type { Answer } from './answers';
import type { SimulatedWorkflow } from './simulated-workflow';
import type { SimulatedTemporal } from './temporal';
import type { Plan, Sent } from './plan';
import { FLIGHTS, MINUTE_MS, PRICE, WINDOW_MS, type World } from './world';

/** Returns each rule that the booking's life has broken, in words. */
export function judge(
  world: World,
  booking: SimulatedWorkflow,
  temporal: SimulatedTemporal,
  plan: Plan,
): string[] {
  const { outcome, failures, answers } = booking;
  const findings: string[] = [];
  const expect = (holds: boolean, rule: string) => {
    if (!holds) findings.push(rule);
  };
  expect(outcome !== undefined, 'the workflow never ends');
  for (const type of failures)
    expect(plan.isRefused === 'passing' && type === 'too_many_holds', `it failed: ${type}`);
  if (outcome?.status === 'completed') {
    const { status, cancellationReason } = outcome.result as Record<string, unknown>;
    if (world.booking !== undefined) {
      expect(
        status === world.booking.status,
        `it ends ${String(status)}, the database has ${world.booking.status}`,
      );
      if (status === 'cancelled')
        expect(
          cancellationReason === world.booking.reason,
          `it was cancelled for ${String(cancellationReason)}, the database has ${String(world.booking.reason)}`,
        );
    }
  }
  for (const [id, { isOver }] of temporal.workflows) expect(isOver, `${id} never ends`);
  judgeSeats(world, expect);
  judgeMoney(world, expect);
  judgeDeadline(world, plan, expect);
  judgeEnd(world, booking, plan, expect);
  judgeRefunds(world, plan, expect);
  for (const { id, state } of world.offers)
    expect(state === 'settled', `schedule change ${id} is never settled`);
  for (const [id, answer] of answers) judgeAnswer(world, id, answer, expect);
  return findings;
}

type Expect = (holds: boolean, rule: string) => void;

function judgeSeats(world: World, expect: Expect): void {
  const { booking } = world;
  expect(
    booking?.status !== 'pending' && booking?.status !== 'initiated',
    'seats are held for ever',
  );
  for (const flight of FLIGHTS) {
    const owners = world.ownersOf(flight);
    const count = (owner: string) => owners.filter((one) => one === owner).length;
    const own = booking?.status === 'booked' && booking.flights.includes(flight) ? 1 : 0;
    expect(count('own') === own, `${count('own')} seats of ${flight} are ours, and not ${own}`);
    expect(count('beside') === 0, `a seat of ${flight} is held beside for ever`);
  }
  expect(booking?.heldBeside === undefined, 'seats of a change are held for ever');
}

function judgeMoney(world: World, expect: Expect): void {
  let kept = 0;
  for (const [paymentId, charge] of world.charges) {
    expect(charge.status !== 'authorized', `the money of ${paymentId} stays reserved`);
    if (charge.status !== 'captured') continue;
    const row = world.payments.get(paymentId);
    expect(
      row?.status === 'captured',
      `the money of ${paymentId} is taken, and on record as ${String(row?.status)}`,
    );
    expect(charge.refunded <= charge.amount, `more of ${paymentId} is returned than was taken`);
    if (row?.applied !== true)
      expect(
        charge.refunded === charge.amount,
        `the money of ${paymentId} pays for nothing, and is kept`,
      );
    kept += charge.amount - charge.refunded;
  }
  for (const row of world.payments.values()) {
    expect(!world.isUnderWay(row), `payment ${row.id} is under way for ever`);
    if (world.charges.has(row.id) || row.status !== 'captured') continue;
    const returned = world.refunds
      .filter(({ paymentId, status }) => paymentId === row.id && status === 'succeeded')
      .reduce((sum, { amount }) => sum + amount, 0);
    kept += row.amount - returned;
  }
  for (const { paymentId, refundId, status } of world.refunds)
    expect(status === 'succeeded', `nobody returns the money of ${refundId ?? paymentId}`);
  const { booking } = world;
  const due = booking?.kept ?? 0;
  expect(kept === due, `${kept} are kept, and ${due} are ours`);
  const initial = [...world.payments.values()].filter(
    ({ applied, changeId }) => applied && changeId === undefined,
  );
  expect(initial.length <= 1, 'the seats are paid for twice');
  if (booking?.status === 'booked') {
    expect(
      initial.length === 1 && initial[0]?.amount === PRICE,
      'the seats are sold for nothing, or another price',
    );
  }
  if (booking?.reason === 'payment_expired')
    expect(kept === 0, 'an expired booking has cost something');
}

const TAKES_ITS_TIME = new Set<Sent['kind']>(['pay', 'report', 'correct_name', 'choose_seat']);

function judgeDeadline(world: World, { faults, crashes, sent }: Plan, expect: Expect): void {
  const { booking } = world;
  if (booking?.reason !== 'payment_expired' || booking.endedAt === undefined) return;
  const late = booking.endedAt - booking.paymentRequiredBy;
  expect(late >= 0, `it expired ${-late} ms before its deadline`);
  // What is being done at the deadline comes to its end first.
  const isUndisturbed =
    faults === 0 && crashes === 0 && !sent.some(({ kind }) => TAKES_ITS_TIME.has(kind));
  if (isUndisturbed) expect(late <= 2_500, `it expired ${late} ms after its deadline`);
}

/** A worker may die again and again meanwhile, and no try of a message is lost for longer. */
const ENDS_WITHIN_MS = 5 * MINUTE_MS;

/**
 * A hold that is over ends its workflow: an operator would see it wait for its deadline. One that is
 * being paid for waits for the provider.
 */
function judgeEnd(
  world: World,
  { endedAt }: SimulatedWorkflow,
  { sent, losesMessages = false }: Plan,
  expect: Expect,
): void {
  const { booking } = world;
  if (booking?.status !== 'cancelled' || booking.endedAt === undefined) return;
  if (world.payments.size > 0 || sent.some(({ kind }) => kind === 'terminate')) return;
  const lateMs = endedAt - booking.endedAt;
  // Where it has lost the cancellation, it wakes at the deadline.
  const limitMs = losesMessages ? WINDOW_MS + ENDS_WITHIN_MS : ENDS_WITHIN_MS;
  expect(lateMs <= limitMs, `its workflow ends ${lateMs} ms after the hold was given up`);
}

const TAKEN_UP_WITHIN_MS = 5_000;

/** Tries fail again and again meanwhile, and are made less and less often. */
const TAKEN_UP_DESPITE_FAULTS_WITHIN_MS = MINUTE_MS;

/** The refunds of a cancelled sale are begun at once. A run that was terminated begins none. */
function judgeRefunds(world: World, { faults, crashes, sent }: Plan, expect: Expect): void {
  if (sent.some(({ kind }) => kind === 'terminate')) return;
  const isUndisturbed = faults === 0 && crashes === 0;
  const limitMs = isUndisturbed ? TAKEN_UP_WITHIN_MS : TAKEN_UP_DESPITE_FAULTS_WITHIN_MS;
  for (const { paymentId, owedAt, takenUpAt = Infinity } of world.refunds) {
    if (owedAt === undefined) continue;
    const lateMs = takenUpAt - owedAt;
    expect(
      lateMs <= limitMs,
      `the refund of ${paymentId} is taken up ${lateMs} ms after it was owed`,
    );
  }
}

function judgeAnswer(world: World, id: string, answer: Answer, expect: Expect): void {
  const { name, answers, isRejected, isLost, acceptedAt, refusal, result } = answer;
  expect(answers <= 1, `${id} is answered ${answers} times`);
  if (acceptedAt !== undefined && isLost !== true) expect(answers === 1, `${id} is never answered`);
  if (isRejected === true || acceptedAt === undefined || answers === 0) return;
  const paymentId = id.replace('payment-', '');
  const { outcome } = (result ?? {}) as { outcome?: string };
  switch (name) {
    case 'makePayment': {
      const row = world.payments.get(paymentId);
      if (outcome === 'captured')
        expect(row?.applied === true, `${id}: captured, and pays for nothing`);
      if (outcome === 'declined' || refusal !== undefined)
        expect(row?.applied !== true, `${id}: not taken, and sold`);
      if (world.booking !== undefined && acceptedAt >= world.booking.paymentRequiredBy)
        expect(!world.charges.has(paymentId), `${id}: charged, and came after the deadline`);
      return;
    }
    case 'cancelBooking':
      if (refusal === undefined) {
        expect(
          (result as { status?: string }).status === 'cancelled',
          `${id}: cancelled, as ${JSON.stringify(result)}`,
        );
        expect(
          world.booking?.status === 'cancelled',
          `${id}: cancelled, and is ${String(world.booking?.status)}`,
        );
      }
      return;
    case 'changeBooking': {
      const status = world.changes.get(id.replace('change-', ''))?.status;
      if (outcome === 'completed')
        expect(status === 'completed', `${id}: completed, and is ${String(status)}`);
      if (outcome === 'declined' || refusal !== undefined)
        expect(
          status === undefined || status === 'failed',
          `${id}: not made, and is ${String(status)}`,
        );
      return;
    }
    case 'acceptScheduleChange':
      if (refusal === undefined)
        expect(
          world.offers.some((offer) => offer.outcome === 'accepted'),
          `${id}: accepted by nobody`,
        );
      return;
    case 'awaitScheduleChange':
      return;
    case 'chooseSeats':
    case 'correctName': {
      const isMade = world.amendments.has(id.replace(/^(name|seats)-/, ''));
      if (refusal === undefined) expect(isMade, `${id}: made, and is not`);
      // A worker may have died after it, and the booking was cancelled meanwhile.
      else
        expect(!isMade || world.booking?.status === 'cancelled', `${id}: ${refusal}, and is made`);
      return;
    }
    default:
  }
}
