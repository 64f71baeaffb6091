import type { z } from 'zod';
import { passengerIdOf } from '../../domain/passenger-id';
import type { Booking, BookingEvents, CreateBookingRequest } from '../bookings/schemas';
import type { Flight, SeatMap } from '../flights/schemas';
import type { SlicePage } from '../flights/slice-schemas';
import type { BookingPayments, MakePaymentRequest, Payment } from '../payments/schemas';

/** One booking from search to refund: the examples of the reference, which fit each other. */

const EWR = { iata: 'EWR', name: 'Newark Liberty Intl', timeZone: 'America/New_York' };
const SFO = { iata: 'SFO', name: 'San Francisco Intl', timeZone: 'America/Los_Angeles' };

export const FLIGHT_ID = 'cede0415-b8db-58c5-978b-0014f6c8fb79';
export const BOOKING_ID = '97d2abf8-1363-52ea-9e05-e1fd14c40647';
export const PASSENGER_ID = passengerIdOf(BOOKING_ID, 0);
export const PAYMENT_ID = 'dfb34754-d04b-51ed-9f29-c38cefd8f6cd';
export const REFUND_ID = '3f1c1f0e-6d0a-5d0f-8a53-0b8a1a6f2c11';

export const SCHEDULE_CHANGE_ID = '5d0c1f5e-6b8e-5c0a-9a57-2c1e6f0b7d34';

export const TOTAL = { amount: 104_874, currency: 'USD' };
const FEE = { amount: 7_500, currency: 'USD' };
const CONDITIONS = {
  refundable: true,
  cancellationFee: FEE,
  changeable: true,
  changeFee: { amount: 3_750, currency: 'USD' },
};
export const REFUNDED = { amount: 97_374, currency: 'USD' };

const TIMES = {
  departureAt: '2026-12-03T11:30:00.000Z',
  arrivalAt: '2026-12-03T17:52:00.000Z',
};

export const FLIGHT: z.input<typeof Flight> = {
  id: FLIGHT_ID,
  flightNumber: 'UA1668',
  carrier: { code: 'UA', name: 'United Air Lines Inc.' },
  origin: EWR,
  destination: SFO,
  ...TIMES,
  status: 'scheduled',
  aircraft: { model: 'Boeing 737-824' },
  cabins: [
    {
      cabin: 'economy',
      availableSeats: 137,
      price: { amount: 52_437, currency: 'USD' },
      conditions: CONDITIONS,
    },
  ],
};

const FROM_BOSTON: z.input<typeof Flight> = {
  id: '0f3d5a57-0c0b-5b59-9a2d-3d6cf6a4a8de',
  flightNumber: 'UA1098',
  carrier: FLIGHT.carrier,
  origin: { iata: 'BOS', name: 'Logan International Airport', timeZone: 'America/New_York' },
  destination: EWR,
  departureAt: '2026-12-03T09:10:00.000Z',
  arrivalAt: '2026-12-03T10:25:00.000Z',
  status: 'scheduled',
  aircraft: { model: 'Airbus A320-232' },
  cabins: [
    {
      cabin: 'economy',
      availableSeats: 120,
      price: { amount: 9_210, currency: 'USD' },
      conditions: CONDITIONS,
    },
  ],
};

export const SLICE: z.input<typeof SlicePage>['data'][number] = {
  origin: FROM_BOSTON.origin,
  destination: SFO,
  departureAt: FROM_BOSTON.departureAt,
  arrivalAt: TIMES.arrivalAt,
  durationMinutes: 522,
  connections: 1,
  segments: [FROM_BOSTON, FLIGHT],
  price: { amount: 61_647, currency: 'USD' },
  conditions: CONDITIONS,
};

const TO_BOSTON: z.input<typeof Flight> = {
  ...FROM_BOSTON,
  id: '5b1c9a34-5c1f-5a0e-8d3b-3f0a5f7b8e21',
  flightNumber: 'UA1102',
  origin: SFO,
  destination: FROM_BOSTON.origin,
  departureAt: '2026-12-10T16:30:00.000Z',
  arrivalAt: '2026-12-10T21:55:00.000Z',
};

export const SEATS: z.input<typeof SeatMap> = {
  flightId: FLIGHT_ID,
  seats: [
    { seatNumber: '10A', cabin: 'economy', available: true, state: 'free' },
    { seatNumber: '10B', cabin: 'economy', available: false, state: 'held' },
  ],
};

export const CREATE_FOR_TWO: z.input<typeof CreateBookingRequest> = {
  flightId: FLIGHT_ID,
  passengers: [
    { givenName: 'Ada', familyName: 'Lovelace' },
    { givenName: 'Charles', familyName: 'Babbage' },
  ],
};

export const CREATE_FOR_FAMILY: z.input<typeof CreateBookingRequest> = {
  flightId: FLIGHT_ID,
  cabin: 'economy',
  passengers: [
    {
      givenName: 'Ada',
      familyName: 'Lovelace',
      type: 'adult',
      seatNumber: '10A',
      title: 'Countess',
      bornOn: '1995-12-10',
      loyaltyNumber: 'UA-1815',
    },
    { givenName: 'Byron', familyName: 'Lovelace', type: 'infant', bornOn: '2026-05-12' },
  ],
  contact: { email: 'ada@example.com', phone: '+12125550142' },
  metadata: { order: '4711' },
};

export const CREATE_ROUND_TRIP: z.input<typeof CreateBookingRequest> = {
  slices: [{ flightIds: [FROM_BOSTON.id, FLIGHT_ID] }, { flightIds: [TO_BOSTON.id] }],
  passengers: [
    {
      givenName: 'Ada',
      familyName: 'Lovelace',
      seats: [{ flightId: FLIGHT_ID, seatNumber: '10A' }],
    },
  ],
};

const BOOKED_FLIGHT = {
  id: FLIGHT_ID,
  flightNumber: 'UA1668',
  origin: EWR,
  destination: SFO,
  ...TIMES,
};

/** The way of a booking of that one flight. */
function sliceThatIs(status: 'confirmed' | 'cancelled') {
  const segment = { ...BOOKED_FLIGHT, cabin: 'economy' as const, status };
  return { origin: EWR, destination: SFO, ...TIMES, segments: [segment] };
}

function inSeat(seatNumber: string) {
  return { seatNumber, seats: [{ flightId: FLIGHT_ID, seatNumber }] };
}

/** What passengers have who sent nothing of it. */
const UNDESCRIBED = { title: null, bornOn: null, loyaltyNumber: null };

export const HELD: z.input<typeof Booking> = {
  id: BOOKING_ID,
  reference: '9L3AEC',
  status: 'pending',
  cancellationReason: null,
  flight: BOOKED_FLIGHT,
  cabin: 'economy',
  slices: [sliceThatIs('confirmed')],
  passengers: [
    {
      id: PASSENGER_ID,
      givenName: 'Ada',
      familyName: 'Lovelace',
      type: 'adult',
      ...inSeat('10A'),
      ...UNDESCRIBED,
    },
    {
      id: passengerIdOf(BOOKING_ID, 1),
      givenName: 'Charles',
      familyName: 'Babbage',
      type: 'adult',
      ...inSeat('10B'),
      ...UNDESCRIBED,
    },
  ],
  price: { ...TOTAL, breakdown: { base: 94_710, taxes: 8_144, fees: 2_020 } },
  metadata: {},
  paymentRequiredBy: '2026-11-26T10:30:00.000Z',
  createdAt: '2026-11-26T10:15:00.000Z',
  payment: null,
  refund: null,
  availableActions: ['pay', 'cancel'],
  workflowId: `booking-${BOOKING_ID}`,
};

export const ACCEPTED: z.input<typeof Booking> = {
  ...HELD,
  status: 'initiated',
  passengers: HELD.passengers.map((passenger) => ({ ...passenger, seatNumber: null, seats: [] })),
  paymentRequiredBy: null,
  availableActions: ['cancel'],
};

/** The round trip, once its seats are held. */
export const HELD_ROUND_TRIP: z.input<typeof Booking> = {
  ...HELD,
  id: '3d0f6f6c-5d0f-5b0a-9c63-0a1f0a5f1d42',
  reference: 'K7QW4M',
  flight: flightOf(FROM_BOSTON),
  slices: [
    {
      origin: FROM_BOSTON.origin,
      destination: SFO,
      departureAt: FROM_BOSTON.departureAt,
      arrivalAt: TIMES.arrivalAt,
      segments: [FROM_BOSTON, FLIGHT].map(segmentOf),
    },
    {
      origin: SFO,
      destination: FROM_BOSTON.origin,
      departureAt: TO_BOSTON.departureAt,
      arrivalAt: TO_BOSTON.arrivalAt,
      segments: [segmentOf(TO_BOSTON)],
    },
  ],
  passengers: [
    {
      id: passengerIdOf('3d0f6f6c-5d0f-5b0a-9c63-0a1f0a5f1d42', 0),
      givenName: 'Ada',
      familyName: 'Lovelace',
      type: 'adult',
      seatNumber: '12C',
      seats: [
        { flightId: FROM_BOSTON.id, seatNumber: '12C' },
        { flightId: FLIGHT_ID, seatNumber: '10A' },
        { flightId: TO_BOSTON.id, seatNumber: '20F' },
      ],
      ...UNDESCRIBED,
    },
  ],
  price: {
    amount: 70_857,
    currency: 'USD',
    breakdown: { base: 63_200, taxes: 6_027, fees: 1_630 },
  },
  workflowId: 'booking-3d0f6f6c-5d0f-5b0a-9c63-0a1f0a5f1d42',
};

function flightOf(flight: z.input<typeof Flight>) {
  const { id, flightNumber, origin, destination, departureAt, arrivalAt } = flight;
  return { id, flightNumber, origin, destination, departureAt, arrivalAt };
}

function segmentOf(flight: z.input<typeof Flight>) {
  return { ...flightOf(flight), cabin: 'economy' as const, status: 'confirmed' as const };
}

export const PAY: z.input<typeof MakePaymentRequest> = {
  bookingId: BOOKING_ID,
  ...TOTAL,
  paymentMethod: 'pm_card_visa',
};

export const CAPTURED: z.input<typeof Payment> = {
  id: PAYMENT_ID,
  bookingId: BOOKING_ID,
  bookingStatus: 'booked',
  status: 'captured',
  ...TOTAL,
  capturedAt: '2026-11-26T10:16:01.223Z',
  declineCode: null,
  dispute: null,
};

export const PROCESSING: z.input<typeof Payment> = {
  ...CAPTURED,
  bookingStatus: 'pending',
  status: 'processing',
  capturedAt: null,
};

export const BOOKED: z.input<typeof Booking> = {
  ...HELD,
  status: 'booked',
  payment: { id: PAYMENT_ID, status: 'captured', ...TOTAL, capturedAt: CAPTURED.capturedAt },
  availableActions: ['cancel'],
};

export const CANCELLED: z.input<typeof Booking> = {
  ...BOOKED,
  status: 'cancelled',
  cancellationReason: 'customer_request',
  slices: [sliceThatIs('cancelled')],
  refund: { status: 'pending', ...REFUNDED },
  availableActions: [],
};

export const QUOTE = { bookingId: BOOKING_ID, refund: REFUNDED, fee: FEE };

export const EVENTS: z.input<typeof BookingEvents> = {
  data: [
    {
      type: 'seats_held',
      occurredAt: HELD.createdAt,
      actor: 'customer',
      reason: null,
    },
    {
      type: 'payment_declined',
      occurredAt: '2026-11-26T10:15:42.100Z',
      actor: 'customer',
      reason: 'insufficient_funds',
    },
  ],
};

export const PAYMENTS: z.input<typeof BookingPayments> = {
  data: [
    {
      ...CAPTURED,
      declineCode: null,
      dispute: null,
      provider: 'stripe',
      applied: true,
      createdAt: '2026-11-26T10:15:59.000Z',
      refunds: [],
      refundedByProvider: 0,
    },
  ],
};
