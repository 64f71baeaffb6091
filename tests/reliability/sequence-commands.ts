import fc from 'fast-check';

/** What a customer, a partner or fate does to a booking that is held. */
export type Command =
  | { do: 'create again' }
  | { do: 'pay'; with: 'visa' | 'declined' | 'error'; key: 0 | 1 }
  | { do: 'told of a payment'; which: 'fits' | 'too little'; id: 0 | 1 }
  | { do: 'cancel' }
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
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('told of a payment' as const),
      which: fc.constantFrom('fits' as const, 'too little' as const),
      id: fc.constantFrom(0 as const, 1 as const),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Command>({ do: 'cancel' }) },
  { weight: 2, arbitrary: fc.constant<Command>({ do: 'read' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ do: 'wait for the deadline' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ do: 'crash' }) },
);

/** A few steps, one after another; the commands of one step are sent at once. */
export const commands: fc.Arbitrary<Command[][]> = fc.array(
  fc.array(command, { minLength: 1, maxLength: 3 }),
  { minLength: 1, maxLength: 4 },
);

export function describeSequence(sequence: Command[][]): string {
  return JSON.stringify(sequence);
}
