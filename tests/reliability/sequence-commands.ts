import fc from 'fast-check';

/** What a customer, a partner or fate does to a booking that is held. */
export type Command =
  | { do: 'create again' }
  | { do: 'pay'; with: 'visa' | 'declined' | 'error'; key: 0 | 1 }
  | { do: 'told of a payment'; by: 'signal' | 'event'; which: 'fits' | 'too little'; id: 0 | 1 }
  | { do: 'cancel'; as: 'customer' | 'operator' }
  | { do: 'read' }
  | { do: 'wait for the deadline' }
  | { do: 'crash' };

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Command>({ do: 'create again' }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('pay' as const),
      with: fc.constantFrom('visa' as const, 'declined' as const, 'error' as const),
      key: fc.constantFrom(0 as const, 1 as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('told of a payment' as const),
      by: fc.constantFrom('signal' as const, 'event' as const),
      which: fc.constantFrom('fits' as const, 'too little' as const),
      id: fc.constantFrom(0 as const, 1 as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('cancel' as const),
      as: fc.constantFrom('customer' as const, 'operator' as const),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Command>({ do: 'read' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ do: 'wait for the deadline' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ do: 'crash' }) },
);

/** What happens to one booking. */
export interface Sequence {
  /**
   * Whoever books a week or more ahead may think better of it for free; others are charged a fee
   * for cancelling.
   */
  departsInDays: 3 | 30;
  /** A few steps, one after another; the commands of one step are sent at once. */
  steps: Command[][];
}

export const sequences: fc.Arbitrary<Sequence> = fc.record({
  departsInDays: fc.constantFrom(3 as const, 30 as const),
  steps: fc.array(fc.array(command, { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 4,
  }),
});
