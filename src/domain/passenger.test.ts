import {
  countSeats,
  findPartyFaults,
  type PassengerRequest,
  type PassengerType,
} from './passenger';

function party(...types: PassengerType[]): PassengerRequest[] {
  return types.map((type) => ({ givenName: 'Ada', familyName: 'Lovelace', type }));
}

function adultIn(seatNumber: string): PassengerRequest {
  return { givenName: 'Ada', familyName: 'Lovelace', type: 'adult', seatNumber };
}

test('nine adults, each with an infant on the lap, can book', () => {
  const nine = Array.from({ length: 9 }, () => 'adult' as const);
  const laps = Array.from({ length: 9 }, () => 'infant' as const);
  expect(findPartyFaults(party(...nine, ...laps))).toEqual([]);
});

test('a tenth seat is refused: groups are not sold here', () => {
  const ten = Array.from({ length: 10 }, () => 'adult' as const);
  expect(findPartyFaults(party(...ten))).toEqual([
    { detail: 'At most 9 seats can be booked at once.' },
  ]);
});

test('children don’t fly alone', () => {
  expect(findPartyFaults(party('child', 'child'))).toEqual([
    { detail: 'At least one passenger must be an adult.' },
  ]);
  expect(findPartyFaults([])).toHaveLength(1);
});

test('each infant needs an adult’s lap: a child’s doesn’t do', () => {
  expect(findPartyFaults(party('adult', 'child', 'infant', 'infant'))).toEqual([
    { detail: 'Each infant needs an adult of their own.' },
  ]);
});

test('an infant can’t choose a seat', () => {
  const [lap, infant] = [adultIn('12A'), { ...adultIn('12B'), type: 'infant' as const }];
  expect(findPartyFaults([lap, infant])).toEqual([
    { passenger: 1, detail: 'An infant has no seat.' },
  ]);
});

test('no seat can be asked for twice', () => {
  expect(findPartyFaults([adultIn('12A'), adultIn('12B'), adultIn('12A')])).toEqual([
    { passenger: 2, detail: 'Seat 12A is asked for twice.' },
  ]);
});

test('every rule that is broken is named, not only the first', () => {
  expect(findPartyFaults(party('infant'))).toHaveLength(2);
});

test('infants take no seat', () => {
  expect(countSeats(party('adult', 'child', 'infant'))).toBe(2);
});
