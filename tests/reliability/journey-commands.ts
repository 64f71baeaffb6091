import fc from 'fast-check';

/** How a card behaves. `asking`: its bank asks the customer, where there is such a bank. */
export type Card = 'visa' | 'declined' | 'error' | 'asking';

/** What a customer, the airline or fate does to a journey that is booked. */
export type JourneyCommand =
  | { do: 'pay'; with: Card }
  | { do: 'change'; replaces: 0 | 1; flights: [number, number]; with: Card }
  | { do: 'accept' }
  | { do: 'cancel'; as: 'customer' | 'operator' }
  | { do: 'disrupt'; how: Disruption; leg: 0 | 1 | 2 | 3; flight: 0 | 1 | 2 }
  | { do: 'crash' };

/** What the airline does to a flight; a move is by so many hours from when it was planned. */
export type Disruption = 'cancelled' | -4 | -1 | 1 | 4;

const card: fc.Arbitrary<Card> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Card>('visa') },
  { weight: 1, arbitrary: fc.constantFrom<Card>('declined', 'error', 'asking') },
);

const flight = fc.constantFrom(0 as const, 1 as const, 2 as const);

const pay = fc.record({ do: fc.constant('pay' as const), with: card });

const command: fc.Arbitrary<JourneyCommand> = fc.oneof(
  { weight: 1, arbitrary: pay },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      replaces: fc.constantFrom(0 as const, 1 as const),
      flights: fc.tuple(flight, flight),
      with: card,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('disrupt' as const),
      how: fc.constantFrom<Disruption>('cancelled', -4, -1, 1, 4),
      leg: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
      flight,
    }),
  },
  { weight: 2, arbitrary: fc.constant<JourneyCommand>({ do: 'accept' }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('cancel' as const),
      as: fc.constantFrom('customer' as const, 'operator' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant<JourneyCommand>({ do: 'crash' }) },
);

/** What happens to one journey. */
export interface JourneySequence {
  /** Which of the journeys it is, from one flight to four. */
  journey: 0 | 1 | 2 | 3;
  party: 1 | 2;
  /** Whoever books a week or more ahead may cancel for free on that day. */
  departsInDays: 4 | 30;
  /** Steps, one after another; the commands of one step are sent at once. */
  steps: JourneyCommand[][];
}

export const journeySequences: fc.Arbitrary<JourneySequence> = fc
  .record({
    journey: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
    party: fc.constantFrom(1 as const, 2 as const),
    departsInDays: fc.constantFrom(4 as const, 30 as const),
    payment: pay,
    steps: fc.array(fc.array(command, { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 5,
    }),
  })
  // Most are paid for at first: there is little to see of the others.
  .map(({ payment, steps, ...sequence }) => ({ ...sequence, steps: [[payment], ...steps] }));
