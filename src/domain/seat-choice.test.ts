import { exchangeSeats, type TakenSeat } from './seat-choice';

const FLIGHT = 'a flight';
const BACK = 'the flight back';

const seat = (position: number, seatNumber: string, flightId = FLIGHT): TakenSeat => {
  return { position, flightId, seatNumber };
};

const PRESENT = [seat(0, '1A'), seat(1, '1B'), seat(0, '1A', BACK), seat(1, '1B', BACK)];

test('who moves gives back the seat that they had, on that flight alone', () => {
  expect(exchangeSeats(PRESENT, [seat(0, '2A')])).toEqual({
    moved: [seat(0, '2A')],
    taken: [{ flightId: FLIGHT, seatNumber: '2A' }],
    released: [{ flightId: FLIGHT, seatNumber: '1A' }],
  });
});

test('passengers who exchange seats take none and give none back', () => {
  expect(exchangeSeats(PRESENT, [seat(0, '1B'), seat(1, '1A')])).toEqual({
    moved: [seat(0, '1B'), seat(1, '1A')],
    taken: [],
    released: [],
  });
});

test('one may take the seat of another who moves on', () => {
  expect(exchangeSeats(PRESENT, [seat(0, '1B'), seat(1, '2C')])).toMatchObject({
    taken: [{ flightId: FLIGHT, seatNumber: '2C' }],
    released: [{ flightId: FLIGHT, seatNumber: '1A' }],
  });
});

test('nobody takes the seat of another who stays', () => {
  expect(exchangeSeats(PRESENT, [seat(0, '1B')])).toBeUndefined();
  expect(exchangeSeats(PRESENT, [seat(0, '2C'), seat(1, '2C')])).toBeUndefined();
});

test('who is to sit where they sit does not move', () => {
  const nothing = { moved: [], taken: [], released: [] };
  expect(exchangeSeats(PRESENT, [seat(1, '1B', BACK)])).toEqual(nothing);
});
