import {
  countSeats,
  findPartyFaults,
  seatedOn,
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

describe('seats on several flights', () => {
  const grown = { familyName: 'King', type: 'adult' } as const;
  const onBoth = (first: string, second: string) => [
    { flightId: 'there', seatNumber: first },
    { flightId: 'back', seatNumber: second },
  ];

  test('may have the same number, as long as the flights differ', () => {
    expect(findPartyFaults([{ ...grown, seats: onBoth('1A', '1A') }])).toEqual([]);
  });

  test('are for one passenger each, and each passenger has one on a flight', () => {
    const [twice, other] = [
      { ...grown, seats: [...onBoth('1A', '1A'), { flightId: 'back', seatNumber: '1B' }] },
      { ...grown, seats: onBoth('1B', '1B') },
    ];
    expect(findPartyFaults([twice])).toMatchObject([{ passenger: 0, seat: 2 }]);
    expect(findPartyFaults([{ ...grown, seats: onBoth('1A', '1B') }, other])).toMatchObject([
      { passenger: 1, seat: 1, detail: 'Seat 1B is asked for twice.' },
    ]);
  });

  test('are not for infants', () => {
    const infant = { ...grown, type: 'infant', seats: onBoth('1A', '1A').slice(1) } as const;
    expect(findPartyFaults([grown, infant])).toMatchObject([{ passenger: 1, seat: 0 }]);
  });

  test('are found flight by flight, for those who need one', () => {
    const infant = { ...grown, type: 'infant' } as const;
    const party = [{ ...grown, seats: onBoth('1A', '2B').slice(1) }, infant, grown];
    expect(seatedOn('there', party).map(({ seatNumber }) => seatNumber)).toEqual([
      undefined,
      undefined,
    ]);
    expect(seatedOn('back', party).map(({ seatNumber }) => seatNumber)).toEqual(['2B', undefined]);
    expect(seatedOn('only', [{ ...grown, seatNumber: '3C' }])).toEqual([
      { type: 'adult', seatNumber: '3C' },
    ]);
  });
});
