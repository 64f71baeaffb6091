import fc from 'fast-check';
import { FLIGHTS, SEATS, type Card, type Flight } from './world';

/** When a message comes: so many milliseconds after one of the moments at which much is decided. */
export type Moment = 'request' | 'deadline' | 'sale' | 'response' | 'departure';

export type Sent = { at: Moment; afterMs: number } & (
  | { kind: 'pay'; card: Card; isRightAmount: boolean }
  | { kind: 'cancel'; by: 'owner' | 'operator' | 'stranger'; expects: 'nothing' | 'zero' | 'fare' }
  | { kind: 'change'; card: Card | 'none' }
  | { kind: 'report'; provider: 'sandbox' | 'acme'; payment: number; isRightAmount: boolean }
  | {
      kind: 'disrupt';
      flight: Flight;
      isCancelled: boolean;
      isSignificant: boolean;
      /** Who accepts the new times two minutes later. */
      acceptedBy: 'owner' | 'operator' | 'nobody';
    }
  | { kind: 'accept'; by: 'owner' | 'operator' }
  | { kind: 'correct_name' }
  | { kind: 'choose_seat'; flight: Flight; seatNumber: (typeof SEATS)[number] }
  | { kind: 'provider_event' }
  | { kind: 'retry' }
  | { kind: 'temporal_cancel' }
  | { kind: 'rival' | 'rival_leaves'; flight: Flight }
  | { kind: 'provider_away'; minutes: number }
  | {
      kind: 'terminate';
      /** Whether somebody needs it at once, and not reconciliation a minute later. */
      isRestoredAtOnce?: boolean;
    }
);

export interface Plan {
  /** Of everything that is not listed: durations, order, and which tries fail. */
  seed: number;
  /** How often a try fails, takes effect without its result, or ends with its worker. */
  faults: number;
  crashes: number;
  /** Whether Temporal's server dies with each worker. */
  losesMessages?: boolean;
  isRefused: 'no' | 'bound' | 'passing';
  isLong: boolean;
  /** How many the booking is of. */
  flights: 1 | 2;
  /** How much too soon longer timers fire: Temporal's clock was put forward, and back. */
  timersEarlyMs?: number;
  /** Whether each workflow is replayed at its end, which takes as long as the life: unless said otherwise. */
  looksBack?: boolean;
  sent: Sent[];
}

const card = fc.constantFrom<Card[]>(
  'good',
  'good',
  'declined',
  'asks_bank',
  'asks_bank_in_vain',
  'rejected',
);

const message = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('pay' as const), card, isRightAmount: often() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('cancel' as const),
      by: fc.constantFrom(
        'owner' as const,
        'owner' as const,
        'operator' as const,
        'stranger' as const,
      ),
      expects: fc.constantFrom(
        'nothing' as const,
        'nothing' as const,
        'zero' as const,
        'fare' as const,
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      card: fc.oneof(
        { weight: 5, arbitrary: card },
        { weight: 1, arbitrary: fc.constant('none' as const) },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      provider: fc.constantFrom('sandbox' as const, 'acme' as const),
      payment: fc.nat(2),
      isRightAmount: often(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('disrupt' as const),
      flight: fc.constantFrom(...FLIGHTS),
      isCancelled: fc.boolean(),
      isSignificant: fc.boolean(),
      acceptedBy: fc.constantFrom('owner' as const, 'operator' as const, 'nobody' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('accept' as const),
      by: fc.constantFrom('owner' as const, 'operator' as const),
    }),
  },
  ...(['correct_name', 'provider_event', 'retry', 'temporal_cancel'] as const).map((kind) => ({
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant(kind) }),
  })),
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('terminate' as const),
      isRestoredAtOnce: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('rival' as const, 'rival_leaves' as const),
      flight: fc.constantFrom(...FLIGHTS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('choose_seat' as const),
      flight: fc.constantFrom(...FLIGHTS),
      seatNumber: fc.constantFrom(...SEATS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('provider_away' as const),
      minutes: fc.constantFrom(1, 90, 300),
    }),
  },
);

function often() {
  return fc.integer({ min: 0, max: 7 }).map((number) => number > 0);
}

const moment = fc.oneof(
  { weight: 4, arbitrary: at('request', 0, 3_000) },
  { weight: 1, arbitrary: at('request', 0, 14 * 60_000) },
  { weight: 2, arbitrary: at('deadline', -1_500, 500) },
  { weight: 4, arbitrary: at('sale', 0, 3_000) },
  { weight: 1, arbitrary: at('response', -500, 500) },
  { weight: 1, arbitrary: at('departure', -1_000, 500) },
);

function at(moment: Moment, min: number, max: number) {
  return fc.record({ at: fc.constant(moment), afterMs: fc.integer({ min, max }) });
}

const sent: fc.Arbitrary<Sent> = fc
  .tuple(message, moment)
  .map(([what, when]) => ({ ...what, ...when }));

/** One booking's life: what is sent to it, and how much goes wrong meanwhile. */
export const plan: fc.Arbitrary<Plan> = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  faults: fc.constantFrom(0, 0, 0.05, 0.3),
  crashes: fc.constantFrom(0, 0, 0.05, 0.2),
  isRefused: fc.constantFrom('no', 'no', 'no', 'no', 'no', 'no', 'no', 'no', 'bound', 'passing'),
  isLong: fc.constantFrom(false, false, false, true),
  flights: fc.constantFrom(1, 1, 2),
  sent: fc.array(sent, { maxLength: 9 }),
  timersEarlyMs: fc.constantFrom(0, 0, 0, 500),
  losesMessages: fc.boolean(),
  looksBack: fc.constantFrom(true, false, false, false, false, false),
});
