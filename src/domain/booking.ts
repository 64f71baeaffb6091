import type { BookingStatus } from './booking-status';
import type { Cabin } from './cabin';
import type { Price } from './fare';
import type { PassengerType } from './passenger';
import { MAX_DECLINES, type PaymentStatus } from './payment';
import type {
  ScheduleChangeAction,
  ScheduleChangeKind,
  ScheduleChangeOutcome,
} from './schedule-change';

export { BOOKING_STATUSES, type BookingStatus } from './booking-status';

export const CANCELLATION_REASONS = [
  'seats_unavailable',
  'flight_closed',
  'too_many_holds',
  'payment_expired',
  'customer_request',
  'operator_request',
  'reservation_failed',
  'flight_cancelled',
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

/** A flight, as a booking shows it. */
export interface BookedFlight {
  id: string;
  flightNumber: string;
  origin: Airport;
  destination: Airport;
  departureAt: string;
  arrivalAt: string;
}

export const SEGMENT_STATUSES = ['confirmed', 'cancelled'] as const;

/** A flight of a booking; `cancelled` once the booking is, or when it does not fly. */
export interface BookedSegment extends BookedFlight {
  cabin: Cabin;
  status: (typeof SEGMENT_STATUSES)[number];
}

/** The way from an origin to a destination in one direction: 1 to 3 segments. */
export interface BookedSlice {
  origin: Airport;
  destination: Airport;
  departureAt: string;
  arrivalAt: string;
  segments: BookedSegment[];
}

/** What a schedule change offers to one booking, as its owner sees it; instants in ISO 8601. */
export interface BookingScheduleChange {
  id: string;
  kind: ScheduleChangeKind;
  /** The itinerary that a person accepted last. */
  before: BookedSlice[];
  /** The itinerary that there is now; flights that do not fly are `cancelled`. */
  after: BookedSlice[];
  /** None once an action was taken, or `respondBy` has passed. */
  availableActions: ScheduleChangeAction[];
  respondBy: string;
  /** Null while the offer stands. */
  actionTaken: ScheduleChangeOutcome | null;
}

/**
 * A booking as its owner sees it: plain JSON, instants in ISO 8601, null where there is none yet.
 *
 * `flight`, `cabin` and `seatNumber` are those of the first segment. Bookings that a release before
 * itineraries wrote down, for its workflows and as outcomes of keys, have no `slices` and `seats`:
 * see `completed`.
 */
export interface Booking {
  id: string;
  reference: string;
  status: BookingStatus;
  cancellationReason: CancellationReason | null;
  flight: BookedFlight;
  cabin: Cabin;
  slices?: BookedSlice[] | undefined;
  passengers: {
    /** Null for people with one name. */
    givenName: string | null;
    familyName: string;
    type: PassengerType;
    seatNumber: string | null;
    seats?: { flightId: string; seatNumber: string }[] | undefined;
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
  /**
   * The latest schedule change of the booking; null where there was none. Bookings that a release
   * before schedule changes wrote down have none: see `completed`.
   */
  scheduleChange?: BookingScheduleChange | null | undefined;
  availableActions: BookingAction[];
  workflowId: string;
}

export const REFUND_STATUSES = ['pending', 'succeeded', 'needs_operator'] as const;

export type RefundStatus = (typeof REFUND_STATUSES)[number];

interface Actionable {
  status: BookingStatus;
  isBeingPaid: boolean;
  /** A change of it is being made. */
  isChanging?: boolean;
  /** How many of its payments were declined. */
  declines: number;
  paymentRequiredBy: Date | null;
  departureAt: Date;
  /** Whether a significant schedule change is not responded to. */
  isDisrupted: boolean;
}

/**
 * Returns what the owner of a booking can do with it now, as far as the booking itself shows. Does
 * not check whether its workflow is running.
 */
export function availableActions(
  {
    status,
    isBeingPaid,
    isChanging,
    declines,
    paymentRequiredBy,
    departureAt,
    isDisrupted,
  }: Actionable,
  now: Date,
): BookingAction[] {
  switch (status) {
    case 'pending':
      // Past its deadline a hold ends automatically.
      if (isBeingPaid || paymentRequiredBy === null || now >= paymentRequiredBy) return [];
      return declines < MAX_DECLINES ? ['pay', 'cancel'] : ['cancel'];
    case 'booked':
      if (isChanging === true) return [];
      return now < departureAt || isDisrupted ? ['cancel'] : [];
    case 'initiated':
    case 'cancelled':
      return [];
    default:
      throw new Error(`Bug: ${String(status satisfies never)} is no status`);
  }
}
