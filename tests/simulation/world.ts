import { ApplicationFailure } from '@temporalio/common';
import type {
  BookedSegment,
  BookedSlice,
  Booking,
  BookingStatus,
  CancellationReason,
} from '../../src/domain/booking';
import type { PaymentStatus } from '../../src/domain/payment';
import type { RefusalCode } from '../../src/domain/refusal';
import type { ProviderFault } from '../../src/temporal/contracts/refund';

/** A model of what PostgreSQL and the payment provider have of one booking and its rivals. */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
export const WINDOW_MS = 15 * MINUTE_MS;
export const STARTED_AT = Date.UTC(2030, 0, 1, 12);
export const DEPARTS_AT = STARTED_AT + 48 * HOUR_MS;
export const PRICE = 10_000;
export const FEE = 2_000;
export const CURRENCY = 'USD';
export const BOOKING_ID = '00000000-0000-4000-8000-0000000000b0';
export const CUSTOMER_ID = 'customer-1';

/** The flights: `B` may take the place of `A`; `C` goes on from either, a day later. */
export const FLIGHTS = ['A', 'B', 'C'] as const;
export type Flight = (typeof FLIGHTS)[number];

/** The ID of a flight, as messages have it. */
export function flightIdOf(flight: Flight): string {
  return `00000000-0000-4000-8000-00000000000${flight.toLowerCase()}`;
}

export function flightOf(id: string): Flight {
  const flight = FLIGHTS.find((one) => flightIdOf(one) === id);
  if (flight === undefined) throw new Error(`Bug: there is no flight ${id}`);
  return flight;
}

/** Each flight has two seats: one fewer than there are buyers. */
export const SEATS = ['1A', '1B'] as const;

/** Whose a seat is: the booking's, held beside by a change of it, or another customer's. */
export type Owner = 'own' | 'beside' | 'rival';

export interface PaymentRow {
  id: string;
  status: PaymentStatus;
  amount: number;
  fingerprint: string;
  provider: string;
  applied: boolean;
  changeId?: string;
}

export interface RefundRow {
  paymentId: string;
  refundId?: string;
  amount: number;
  status: 'pending' | 'needs_operator' | 'succeeded';
  /** Set for that of a cancelled sale: since when it is owed, and when it was first taken up. */
  owedAt?: number;
  takenUpAt?: number;
}

export interface ChangeRow {
  id: string;
  status: 'pending' | 'completed' | 'failed';
  /** The one that takes the place of the booking's first. */
  flight: Flight;
  toPay: number;
  toRefund: number;
  flightChanged: boolean;
  paymentRequiredBy: number;
}

export interface OfferRow {
  id: string;
  state: 'untold' | 'waiting' | 'settled';
  isCancelled: boolean;
  isSignificant: boolean;
  respondBy?: number;
  outcome?: 'accepted' | 'cancelled' | 'superseded' | 'changed';
  decidedBy?: 'person' | 'system';
}

/** What a card does, as the provider has it. */
export type Card = 'good' | 'declined' | 'asks_bank' | 'asks_bank_in_vain' | 'rejected';

export interface Charge {
  status: 'requires_action' | 'authorized' | 'captured' | 'voided' | 'declined';
  amount: number;
  refunded: number;
  /** The refunds that the provider has made, by our IDs of them. */
  refunds?: Set<string>;
  confirmedAt: number;
}

export class World {
  now = STARTED_AT;
  /** Who has which seat; nobody has those that are on sale. */
  readonly seats = new Map<string, Owner>();
  readonly cancelledFlights = new Set<Flight>();
  /** Until then the payment provider responds to nothing. */
  providerAwayUntil = 0;
  booking:
    | {
        status: BookingStatus;
        reason: CancellationReason | null;
        paymentRequiredBy: number;
        flights: Flight[];
        kept: number;
        heldBeside: Flight | undefined;
        pendingChangeId: string | undefined;
        endedAt?: number;
      }
    | undefined;
  readonly payments = new Map<string, PaymentRow>();
  readonly refunds: RefundRow[] = [];
  readonly changes = new Map<string, ChangeRow>();
  readonly offers: OfferRow[] = [];
  readonly amendments = new Set<string>();
  /** The provider's own books. */
  readonly charges = new Map<string, Charge>();
  readonly cards = new Map<string, Card>();
  /** Money that other services took for the booking, by the provider's ID; what they gave back. */
  readonly elsewhere = new Map<string, { amount: number; returned: number }>();

  /** Starts the workflow of a refund, unless it is running. */
  startRefund: (paymentId: string, refundId?: string) => void = () => undefined;
  /** Tells the booking of a schedule change. Returns whether it could be told. */
  tellBooking: (scheduleChangeId: string) => boolean = () => false;

  constructor(readonly random: () => number) {
    for (const flight of FLIGHTS) this.seats.set(`${flight} 1B`, 'rival');
  }

  get sold() {
    if (this.booking === undefined) throw refusal('booking_not_found');
    return this.booking;
  }

  isUnderWay({ status }: PaymentRow): boolean {
    return status === 'processing' || status === 'authorized';
  }

  paymentsUnderWay(): PaymentRow[] {
    return [...this.payments.values()].filter((payment) => this.isUnderWay(payment));
  }

  ownersOf(flight: Flight): (Owner | undefined)[] {
    return SEATS.map((seat) => this.seats.get(`${flight} ${seat}`));
  }

  /** Takes a seat off sale; returns false when none is left. */
  take(flight: Flight, owner: Owner): boolean {
    const free = SEATS.find((seat) => !this.seats.has(`${flight} ${seat}`));
    if (free === undefined) return false;
    this.seats.set(`${flight} ${free}`, owner);
    return true;
  }

  /** Puts the seats of an owner on a flight back on sale. */
  giveBack(flight: Flight, owner: Owner): void {
    for (const seat of SEATS)
      if (this.seats.get(`${flight} ${seat}`) === owner) this.seats.delete(`${flight} ${seat}`);
  }

  /** Gives seats that are held beside to the booking. */
  keepBeside(flight: Flight): void {
    for (const seat of SEATS)
      if (this.seats.get(`${flight} ${seat}`) === 'beside')
        this.seats.set(`${flight} ${seat}`, 'own');
  }

  /** When the first flight of the booking departs. */
  get departsAt(): number {
    return DEPARTS_AT;
  }

  /** The provider sends back the money of a refund, once, however often it is asked. */
  sendBack({ paymentId, refundId, amount }: RefundRow): void {
    const charge = this.charges.get(paymentId);
    if (charge === undefined) return;
    charge.refunds ??= new Set();
    const key = refundId ?? 'final';
    if (charge.refunds.has(key)) return;
    charge.refunds.add(key);
    charge.refunded += amount;
  }

  settleOffers(outcome: NonNullable<OfferRow['outcome']>, decidedBy: 'person' | 'system'): void {
    for (const offer of this.offers)
      if (offer.state !== 'settled') Object.assign(offer, { state: 'settled', outcome, decidedBy });
  }

  /** The booking as its owner sees it. */
  view(): Booking {
    const { booking } = this;
    const flights = booking?.flights ?? ['A'];
    const segments = flights.map((flight) => this.segment(flight));
    const [first = this.segment('A')] = segments;
    const { cabin: _, status: __, ...flight } = first;
    return {
      id: BOOKING_ID,
      reference: 'SIMULA',
      status: booking?.status ?? 'initiated',
      cancellationReason: booking?.reason ?? null,
      flight,
      cabin: 'economy',
      ...(segments.length === 1 ? {} : { slices: segments.map(sliceOf) }),
      passengers: [],
      price: { amount: PRICE, currency: CURRENCY } as Booking['price'],
      paymentRequiredBy: new Date(booking?.paymentRequiredBy ?? 0).toISOString(),
      createdAt: new Date(STARTED_AT).toISOString(),
      payment: null,
      refund: null,
      availableActions: [],
      workflowId: `booking-${BOOKING_ID}`,
    };
  }

  private segment(flight: Flight): BookedSegment {
    const airport = (iata: string) => ({ iata, name: iata, timeZone: 'UTC' });
    const departsAt = DEPARTS_AT + (flight === 'C' ? DAY_MS : 0);
    return {
      id: flightIdOf(flight),
      flightNumber: `XX${FLIGHTS.indexOf(flight) + 1}`,
      origin: airport(flight === 'C' ? 'BBB' : 'AAA'),
      destination: airport(flight === 'C' ? 'CCC' : 'BBB'),
      departureAt: new Date(departsAt).toISOString(),
      arrivalAt: new Date(departsAt + HOUR_MS).toISOString(),
      cabin: 'economy',
      status: this.cancelledFlights.has(flight) ? 'cancelled' : 'confirmed',
    };
  }
}

function sliceOf(segment: BookedSegment): BookedSlice {
  const { origin, destination, departureAt, arrivalAt } = segment;
  return { origin, destination, departureAt, arrivalAt, segments: [segment] };
}

/** What a step is refused with: no other try of it can succeed. */
export function refusal(code: RefusalCode | ProviderFault): ApplicationFailure {
  return ApplicationFailure.nonRetryable(code, code);
}

/** Ends a try that another one may follow. */
export class Fault extends Error {}
