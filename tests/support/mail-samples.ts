import type {
  Airport,
  BookedSegment,
  Booking,
  BookingScheduleChange,
} from '../../src/domain/booking';
import { sliceOf } from '../../src/domain/itinerary';
import type { Sender } from '../../src/mail-settings';
import type { Mail } from '../../src/notifications/mail/mail';

/** Mails of every kind, for tests and for the pictures of the documentation. */

export const SENDER: Sender = { name: 'Flight Bookings', address: 'bookings@airline.example' };

export const BOSTON: Airport = {
  iata: 'BOS',
  name: 'General Edward Lawrence Logan International Airport',
  timeZone: 'America/New_York',
};
export const NEWARK: Airport = {
  iata: 'EWR',
  name: 'Newark Liberty International Airport',
  timeZone: 'America/New_York',
};
export const SAN_FRANCISCO: Airport = {
  iata: 'SFO',
  name: 'San Francisco International Airport',
  timeZone: 'America/Los_Angeles',
};
export const AUCKLAND: Airport = {
  iata: 'AKL',
  name: 'Auckland Airport',
  timeZone: 'Pacific/Auckland',
};
export const HONOLULU: Airport = {
  iata: 'HNL',
  name: 'Daniel K Inouye International Airport',
  timeZone: 'Pacific/Honolulu',
};

/** A confirmed flight in economy. */
export function flight(
  flightNumber: string,
  [origin, departureAt]: [Airport, string],
  [destination, arrivalAt]: [Airport, string],
): BookedSegment {
  return {
    id: `flight-${flightNumber}`,
    flightNumber,
    origin,
    destination,
    departureAt,
    arrivalAt,
    cabin: 'economy',
    status: 'confirmed',
  };
}

/** From Boston to San Francisco by Newark, and back. */
export const ROUND_TRIP: BookedSegment[][] = [
  [
    flight('UA1021', [BOSTON, '2026-12-18T12:05:00.000Z'], [NEWARK, '2026-12-18T13:32:00.000Z']),
    flight(
      'UA512',
      [NEWARK, '2026-12-18T15:10:00.000Z'],
      [SAN_FRANCISCO, '2026-12-18T21:24:00.000Z'],
    ),
  ],
  [
    flight(
      'B6434',
      [SAN_FRANCISCO, '2026-12-28T06:45:00.000Z'],
      [BOSTON, '2026-12-28T12:11:00.000Z'],
    ),
  ],
];

/** A booking of these slices: booked and paid for, unless said otherwise. */
export function bookingOf(slices: BookedSegment[][], changes: Partial<Booking> = {}): Booking {
  const [first] = slices.flat();
  if (first === undefined) throw new Error('Bug: a booking has a flight');
  return {
    id: '5b0c7e0a-3f43-4a3c-9b57-0f5a6d1e2c34',
    reference: 'K7WQ2M',
    status: 'booked',
    cancellationReason: null,
    flight: first,
    cabin: 'economy',
    slices: slices.map(sliceOf),
    passengers: [
      { givenName: 'Ada', familyName: 'Lovelace', type: 'adult', ...seats(slices, '14A') },
      { givenName: 'Byron', familyName: 'Lovelace', type: 'child', ...seats(slices, '14B') },
      { givenName: null, familyName: 'Anne', type: 'infant', seatNumber: null, seats: [] },
    ],
    price: {
      amount: 104_874,
      currency: 'USD',
      breakdown: { base: 88_000, taxes: 13_274, fees: 3_600 },
    },
    paymentRequiredBy: '2026-11-27T15:45:00.000Z',
    createdAt: '2026-11-27T15:30:00.000Z',
    payment: {
      id: '0f3a0d0c-8c79-4b8f-9f0d-5a1b7b4f6f11',
      status: 'captured',
      amount: 104_874,
      currency: 'USD',
      capturedAt: '2026-11-27T15:34:00.000Z',
    },
    refund: null,
    availableActions: ['cancel'],
    workflowId: 'booking-5b0c7e0a-3f43-4a3c-9b57-0f5a6d1e2c34',
    ...changes,
  };
}

function seats(slices: BookedSegment[][], seatNumber: string) {
  return { seatNumber, seats: slices.flat().map(({ id }) => ({ flightId: id, seatNumber })) };
}

/** A mail about a booking. */
export function mailOf(kind: Mail['kind'], booking: Booking, change: Mail['change'] = null): Mail {
  const occurredAt = new Date('2026-11-27T15:34:05.000Z');
  return { kind, booking, change, isChangedSince: false, occurredAt, sequence: 2 };
}

const ONE_WAY = ROUND_TRIP.slice(0, 1);

export const PENDING: Booking = bookingOf(ONE_WAY, {
  status: 'pending',
  payment: null,
  availableActions: ['pay', 'cancel'],
});

/** Against the date line, in a currency without a minor unit. */
export const TO_HONOLULU: Booking = bookingOf(
  [
    [
      flight(
        'HA446',
        [AUCKLAND, '2026-12-05T11:10:00.000Z'],
        [HONOLULU, '2026-12-05T20:05:00.000Z'],
      ),
    ],
  ],
  {
    price: {
      amount: 98_500,
      currency: 'JPY',
      breakdown: { base: 90_000, taxes: 8_500, fees: 0 },
    },
  },
);

/** The round trip, whose last flight the airline has moved by so many minutes. */
export function movedBy(minutes: number): Booking {
  const later = (at: string) => new Date(Date.parse(at) + minutes * 60_000).toISOString();
  const moved = ROUND_TRIP.map((slice, index) =>
    index === 0
      ? slice
      : slice.map((one) => ({
          ...one,
          departureAt: later(one.departureAt),
          arrivalAt: later(one.arrivalAt),
        })),
  );
  return bookingOf(moved, {
    scheduleChange: offer('moved', moved, ['accept', 'change', 'cancel']),
  });
}

/** The round trip, whose last flight the airline has cancelled. */
export function disrupted(): Booking {
  const cancelled = ROUND_TRIP.map((slice, index) =>
    index === 0 ? slice : slice.map((one) => ({ ...one, status: 'cancelled' as const })),
  );
  return bookingOf(cancelled, {
    scheduleChange: offer('cancelled', cancelled, ['change', 'cancel']),
  });
}

function offer(
  kind: BookingScheduleChange['kind'],
  after: BookedSegment[][],
  availableActions: BookingScheduleChange['availableActions'],
): BookingScheduleChange {
  return {
    id: '2f9d8a56-0000-4000-8000-000000000002',
    kind,
    before: ROUND_TRIP.map(sliceOf),
    after: after.map(sliceOf),
    availableActions,
    respondBy: '2026-11-30T15:34:00.000Z',
    actionTaken: null,
  };
}

/** Every kind of mail, as passengers get it. */
export const SAMPLES = {
  held: mailOf('held', PENDING),
  booked: mailOf('booked', bookingOf(ROUND_TRIP)),
  cancelled: mailOf(
    'cancelled',
    bookingOf(
      ROUND_TRIP.map((slice) => slice.map((one) => ({ ...one, status: 'cancelled' as const }))),
      {
        status: 'cancelled',
        cancellationReason: 'customer_request',
        refund: { status: 'pending', amount: 94_874, currency: 'USD' },
      },
    ),
  ),
  changed: mailOf('changed', bookingOf([...ONE_WAY]), {
    toPay: { amount: 7_500, currency: 'USD' },
    toRefund: { amount: 0, currency: 'USD' },
  }),
  schedule_changed: mailOf('schedule_changed', movedBy(4 * 60)),
} satisfies Record<Mail['kind'], Mail>;
