import fc from 'fast-check';
import { readWeek } from '../../src/activities/flight-schedule/week';
import { planCabins } from '../../src/domain/flight-schedule/cabin-plan';
import { layOutSeats } from '../../src/domain/flight-schedule/seat-layout';

const narrowBody = fc.record({
  model: fc.constantFrom('Boeing 737-824', 'McDonnell Douglas MD-88', 'Embraer ERJ 190-100 IGW'),
  seatCount: fc.integer({ min: 50, max: 280 }),
});
const wideBody = fc.record({
  model: fc.constantFrom('Boeing 767-332', 'Airbus A330-243'),
  seatCount: fc.integer({ min: 200, max: 450 }),
});
const anyAircraft = fc.oneof(narrowBody, wideBody);

test('an aircraft sells as many seats as it has, each number once, and rows number on', () => {
  fc.assert(
    fc.property(anyAircraft, (aircraft) => {
      const seats = layOutSeats(planCabins(aircraft));
      const numbers = seats.map((seat) => seat.seatNumber);
      const rows = [...new Set(seats.map((seat) => seat.rowNumber))];

      expect(seats).toHaveLength(aircraft.seatCount);
      expect(new Set(numbers).size).toBe(aircraft.seatCount);
      expect(numbers.filter((number) => !/^[1-9][0-9]?[A-HJK]$/.test(number))).toEqual([]);
      expect(seats.filter((seat) => !seat.seatNumber.startsWith(String(seat.rowNumber)))).toEqual(
        [],
      );
      expect(rows).toEqual(rows.map((_, index) => index + 1));
    }),
  );
});

test('no row is shared by two cabins', () => {
  fc.assert(
    fc.property(anyAircraft, (aircraft) => {
      const cabinOfRow = new Map<number, string>();
      for (const { rowNumber, cabin } of layOutSeats(planCabins(aircraft))) {
        expect(cabinOfRow.get(rowNumber) ?? cabin).toBe(cabin);
        cabinOfRow.set(rowNumber, cabin);
      }
    }),
  );
});

test('a first class has 8 to 20 seats, and a small regional jet has none', () => {
  fc.assert(
    fc.property(narrowBody, (aircraft) => {
      const [front] = planCabins(aircraft);
      if (aircraft.seatCount < 76) return front?.cabin === 'economy';
      return front?.cabin === 'first' && front.seatCount >= 8 && front.seatCount <= 20;
    }),
  );
});

test('a wide-body has business, premium economy and economy, in this order', () => {
  fc.assert(
    fc.property(wideBody, (aircraft) => {
      const cabins = planCabins(aircraft).map((section) => section.cabin);
      expect(cabins).toEqual(['business', 'premium_economy', 'economy']);
    }),
  );
});

test('a short last row has its first letters', () => {
  const seats = layOutSeats([
    { cabin: 'first', seatCount: 4, seatsPerRow: 4 },
    { cabin: 'economy', seatCount: 8, seatsPerRow: 6 },
  ]);
  expect(seats.map((seat) => seat.seatNumber).join(' ')).toBe(
    '1A 1B 1C 1D 2A 2B 2C 2D 2E 2F 3A 3B',
  );
});

test('every aircraft of the schedule can be laid out', () => {
  for (const aircraft of new Set(readWeek().flights.map((flight) => flight.aircraft))) {
    expect(layOutSeats(planCabins(aircraft))).toHaveLength(aircraft.seatCount);
  }
});
