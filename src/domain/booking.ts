import type { BookingStatus } from './booking-status';
import type { Cabin } from './cabin';
import { isCancellableAt } from './cancellation';
import type { Price } from './fare';
import type { PassengerType } from './passenger';
import { MAX_DECLINES, type PaymentStatus } from './payment';

export { BOOKING_STATUSES, type BookingStatus } from './booking-status';

export const CANCELLATION_REASONS = [
  'seats_unavailable',
  'flight_closed',
  'too_many_holds',
  'payment_expired',
  'customer_request',
  'operator_request',
  'reservation_failed',
] as const;

export type CancellationReason = (typeof CANCELLATION_REASONS)[number];

const NEXT: Record<BookingStatus, readonly BookingStatus[]> = {
  initiated: ['pending', 'cancelled'],
  pending: ['booked', 'cancelled'],
  booked: ['cancelled'],
  cancelled: [],
};

/**
 * Whether a booking may go from one status to another. A trigger in the database enforces the same
 * rule.
 */
export function canBecome(from: BookingStatus, to: BookingStatus): boolean {
  return NEXT[from].includes(to);
}

export const BOOKING_ACTIONS = ['pay', 'cancel'] as const;

export type BookingAction = (typeof BOOKING_ACTIONS)[number];

/** An airport, as customers see it; `timeZone` is its IANA name. */
export interface Airport {
  iata: string;
  name: string;
  timeZone: string;
}

/**
 * A booking as its owner sees it: plain JSON, instants in ISO 8601, null where there is none yet.
 */
export interface Booking {
  id: string;
  reference: string;
  status: BookingStatus;
  cancellationReason: CancellationReason | null;
  flight: {
    id: string;
    flightNumber: string;
    origin: Airport;
    destination: Airport;
    departureAt: string;
    arrivalAt: string;
  };
  cabin: Cabin;
  passengers: {
    /** Null for people with one name. */
    givenName: string | null;
    familyName: string;
    type: PassengerType;
    seatNumber: string | null;
  }[];
  price: Price;
  paymentRequiredBy: string | null;
  createdAt: string;
  payment: {
    id: string;
    status: PaymentStatus;
    amount: number;
    currency: string;
    capturedAt: string | null;
  } | null;
  refund: { status: RefundStatus; amount: number; currency: string } | null;
  availableActions: BookingAction[];
  workflowId: string;
}

/** Returns when the last flight of a booking leaves: from then on nothing of it can change. */
export function lastDepartureOf({ flight }: Pick<Booking, 'flight'>): Date {
  return new Date(flight.departureAt);
}

export const REFUND_STATUSES = ['pending', 'succeeded', 'needs_operator'] as const;

export type RefundStatus = (typeof REFUND_STATUSES)[number];

interface Actionable {
  status: BookingStatus;
  isBeingPaid: boolean;
  /** How many of its payments were declined. */
  declines: number;
  paymentRequiredBy: Date | null;
  departureAt: Date;
}

/**
 * Returns what the owner of a booking can do with it now, as far as the booking itself shows. Does
 * not check whether its workflow is running.
 */
export function availableActions(
  { status, isBeingPaid, declines, paymentRequiredBy, departureAt }: Actionable,
  now: Date,
): BookingAction[] {
  switch (status) {
    case 'pending':
      // Past its deadline a hold ends automatically.
      if (isBeingPaid || paymentRequiredBy === null || now >= paymentRequiredBy) return [];
      return declines < MAX_DECLINES ? ['pay', 'cancel'] : ['cancel'];
    case 'booked':
      return isCancellableAt(departureAt, now) ? ['cancel'] : [];
    case 'initiated':
    case 'cancelled':
      return [];
    default:
      throw new Error(`Bug: ${String(status satisfies never)} is no status`);
  }
}
