import fc from 'fast-check';
import {
  afterChoice,
  movesBetween,
  withMoves,
} from '../../console/src/amendments/seats-after-booking';
import type { Seated } from '../../console/src/seats/seated';

/** Whoever of a party chooses whatever seats after it was booked, and in whatever order. */

const FLIGHTS = ['out', 'back'];

const party: Seated[] = ['ada', 'byron', 'grace'].map((id, row) => ({
  id,
  name: id,
  seats: { out: `${String(row + 1)}A`, back: `${String(row + 1)}F` },
}));

const choices = fc.array(
  fc.record({
    flightId: fc.constantFrom(...FLIGHTS),
    seatNumber: fc.constantFrom('1A', '2A', '3A', '4A', '1F', '2F', '9F'),
    personId: fc.constantFrom(...party.map(({ id }) => id)),
  }),
);

const seatOf = (people: readonly Seated[], personId: string, flightId: string) =>
  people.find(({ id }) => id === personId)?.seats[flightId];

/** As the page does it: only the moves are kept from one choice to the next. */
function choose(made: { flightId: string; seatNumber: string; personId: string }[]) {
  return made.reduce<ReturnType<typeof movesBetween>>((moves, choice) => {
    const now = withMoves(party, moves);
    const before = now.find(({ seats }) => seats[choice.flightId] === choice.seatNumber);
    return movesBetween(party, afterChoice(now, { ...choice, before }));
  }, []);
}

test('nobody shares a seat, and who chose last has what they chose', () => {
  fc.assert(
    fc.property(choices, (made) => {
      const wanted = withMoves(party, choose(made));
      for (const flightId of FLIGHTS) {
        const seats = wanted.map((person) => person.seats[flightId]);
        expect(new Set(seats).size).toBe(party.length);
      }
      const last = made.at(-1);
      if (last !== undefined)
        expect(seatOf(wanted, last.personId, last.flightId)).toBe(last.seatNumber);
    }),
  );
});

test('only those who move are sent, and each of them once', () => {
  fc.assert(
    fc.property(choices, (made) => {
      const moves = choose(made);
      const places = moves.map(({ passengerId, flightId }) => `${passengerId} ${flightId}`);
      expect(new Set(places).size).toBe(moves.length);
      for (const { passengerId, flightId, seatNumber } of moves)
        expect(seatOf(party, passengerId, flightId)).not.toBe(seatNumber);
    }),
  );
});

test('two who exchange their seats both move', () => {
  expect(choose([{ flightId: 'out', seatNumber: '2A', personId: 'ada' }])).toEqual([
    { passengerId: 'ada', flightId: 'out', seatNumber: '2A' },
    { passengerId: 'byron', flightId: 'out', seatNumber: '1A' },
  ]);
});

test('what was chosen outlasts what others change meanwhile, but not the flight', () => {
  const moves = choose([{ flightId: 'out', seatNumber: '4A', personId: 'ada' }]);
  const moved = withMoves(party, [{ passengerId: 'byron', flightId: 'out', seatNumber: '9F' }]);
  expect(movesBetween(moved, withMoves(moved, moves))).toEqual(moves);
  const changed = party.map((person) => ({ ...person, seats: { other: '1A' } }));
  expect(movesBetween(changed, withMoves(changed, moves))).toEqual([]);
});
