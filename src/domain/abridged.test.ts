import * as fc from 'fast-check';
import { abridged, completed } from './abridged';
import type { BookedFlight, Booking } from './booking';
import { segmentsOf } from './itinerary';
import { initiatedBooking, pendingBooking, type SoldSegment } from './new-booking';
import { isSeated, type PassengerRequest } from './passenger';

const ID = '97d2abf8-1363-52ea-9e05-e1fd14c40647';
const JFK = { iata: 'JFK', name: 'New York Kennedy', timeZone: 'America/New_York' };
const LHR = { iata: 'LHR', name: 'London Heathrow', timeZone: 'Europe/London' };

const sold = (id: string): SoldSegment => ({
  flight: {
    id,
    flightNumber: 'ZZ1',
    origin: JFK,
    destination: LHR,
    departureAt: '2027-03-01T12:00:00.000Z',
    arrivalAt: '2027-03-01T20:00:00.000Z',
  },
  cabin: 'business',
  fare: { base: 10_000, taxes: 1_500, fees: 500, currency: 'USD' },
});

const passenger: fc.Arbitrary<PassengerRequest> = fc.record(
  {
    givenName: fc.constantFrom('Ada', 'Alan'),
    familyName: fc.constantFrom('Lovelace', 'Turing'),
    type: fc.constantFrom('adult' as const, 'child' as const, 'infant' as const),
    title: fc.constant('Dr'),
    bornOn: fc.constant('1980-02-29'),
    loyaltyNumber: fc.constant('ZZ123'),
  },
  { requiredKeys: ['familyName', 'type'] },
);

/** Any booking, from one flight to a round trip with connections, before and after its hold. */
const bookings = fc
  .record({
    ways: fc.constantFrom([1], [1, 1], [2], [2, 2], [3, 1]),
    passengers: fc.array(passenger, { minLength: 1, maxLength: 4 }),
    metadata: fc.constantFrom(undefined, {}, { order: '7' }),
    isHeld: fc.boolean(),
  })
  .map(({ ways, passengers, metadata, isHeld }): Booking => {
    const slices = ways.map((count, slice) =>
      Array.from({ length: count }, (_, index) => sold(`flight-${slice}-${index}`)),
    );
    const createdAt = new Date('2027-02-01T12:00:00.000Z');
    const workflowId = `booking-${ID}`;
    const asked = { id: ID, reference: '2H5TAS', workflowId, slices, passengers, metadata };
    if (!isHeld) return initiatedBooking({ ...asked, createdAt });
    const seated = passengers.filter(isSeated).map((_, index) => `${index + 1}A`);
    const hold = { seatNumbers: slices.flat().map(() => seated), paymentRequiredBy: createdAt };
    return pendingBooking({ ...asked, createdAt }, hold, createdAt);
  });

test('what was left out of a booking comes back, letter by letter', () => {
  fc.assert(
    fc.property(bookings, (booking) => {
      const sent = JSON.parse(JSON.stringify(abridged(booking))) as Booking;
      expect(JSON.stringify(completed(sent))).toBe(JSON.stringify(booking));
      expect(JSON.stringify(completed(booking))).toBe(JSON.stringify(booking));
    }),
  );
});

test('the booking of one flight says it once', () => {
  const [booking] = fc.sample(
    bookings.filter((one) => segmentsOf(one).length === 1),
    1,
  ) as [Booking];
  expect(JSON.stringify(abridged(booking)).split('"flightNumber"')).toHaveLength(2);
});

test('what does not follow from the rest is kept', () => {
  const [booking] = fc.sample(
    bookings.filter((one) => segmentsOf(one).length === 1),
    1,
  ) as [Booking];
  const segment = { ...segmentsOf(booking)[0]!, status: 'cancelled' as const };
  const disrupted: Booking = {
    ...booking,
    status: 'booked',
    slices: [{ ...booking.slices![0]!, segments: [segment] }],
    scheduleChange: {
      id: 'change',
      kind: 'cancelled',
      before: booking.slices!,
      after: [],
      availableActions: ['cancel'],
      respondBy: '2027-02-02T12:00:00.000Z',
      actionTaken: null,
    },
  };
  expect(completed(abridged(disrupted))).toEqual(disrupted);
});

test.each([
  ['pending', 'confirmed'],
  ['cancelled', 'cancelled'],
] as const)(
  'a %s booking that the release before wrote down is of one flight, which is %s',
  (status, ofFlight) => {
    const flight: BookedFlight = sold('JFK1').flight;
    const earlier = {
      id: ID,
      status,
      flight,
      cabin: 'business',
      passengers: [
        { givenName: null, familyName: 'Ada', type: 'adult', seatNumber: '1A' },
        { givenName: null, familyName: 'Byron', type: 'infant', seatNumber: null },
      ],
    } as unknown as Booking;
    const segment = { ...flight, cabin: 'business', status: ofFlight };
    expect(segmentsOf(earlier)).toEqual([segment]);
    const { slices, passengers } = completed(earlier);
    expect(slices).toMatchObject([{ origin: JFK, destination: LHR, segments: [segment] }]);
    expect(passengers).toMatchObject([
      { seats: [{ flightId: 'JFK1', seatNumber: '1A' }], title: null, bornOn: null },
      { seats: [], loyaltyNumber: null },
    ]);
    expect(new Set(passengers.map(({ id }) => id)).size).toBe(2);
    expect(completed(completed(earlier))).toEqual(completed(earlier));
    // What its owner was told has less: it must travel as it is.
    expect(JSON.stringify(completed(abridged(earlier)))).not.toBe(JSON.stringify(earlier));
  },
);
