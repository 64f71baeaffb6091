import { ApplicationFailure } from '@temporalio/common';
import type { Booking, BookingStatus, CancellationReason } from '../../src/domain/booking';
import type { PaymentStatus } from '../../src/domain/payment';
import type { RefusalCode } from '../../src/domain/refusal';
import type { ProviderFault } from '../../src/temporal/refund-contracts';

/** A model of what PostgreSQL and the payment provider have of one booking and its rivals. */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const WINDOW_MS = 15 * MINUTE_MS;
export const STARTED_AT = Date.UTC(2030, 0, 1, 12);
export const DEPARTS_AT = STARTED_AT + 48 * HOUR_MS;
export const PRICE = 10_000;
export const FEE = 2_000;
export const CURRENCY = 'USD';
export const BOOKING_ID = '00000000-0000-4000-8000-0000000000b0';
export const CUSTOMER_ID = 'customer-1';

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
}

export interface ChangeRow {
  id: string;
  status: 'pending' | 'completed' | 'failed';
  flightId: string;
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
  confirmedAt: number;
}

export class World {
  now = STARTED_AT;
  /** Each flight has one seat fewer than there are buyers of it. */
  readonly free = new Map([
    ['A', 1],
    ['B', 1],
  ]);
  readonly rivals = new Map([
    ['A', 0],
    ['B', 0],
  ]);
  booking:
    | {
        status: BookingStatus;
        reason: CancellationReason | null;
        paymentRequiredBy: number;
        flightId: string;
        departsAt: number;
        kept: number;
        heldBeside: string | undefined;
        pendingChangeId: string | undefined;
        endedAt?: number;
      }
    | undefined;
  readonly payments = new Map<string, PaymentRow>();
  readonly refunds: RefundRow[] = [];
  /** Refunds, by payment or change, that were handed to a workflow of their own. */
  readonly handedOver = new Set<string>();
  readonly changes = new Map<string, ChangeRow>();
  readonly offers: OfferRow[] = [];
  readonly amendments = new Set<string>();
  /** The provider's own books. */
  readonly charges = new Map<string, Charge>();
  readonly cards = new Map<string, Card>();
  /** Money that other services took for the booking, by the provider's ID; what they gave back. */
  readonly elsewhere = new Map<string, { amount: number; returned: number }>();

  /** Has the refund workflows return what they were handed. */
  refundAll: () => void = () => undefined;

  constructor(readonly random: () => number) {}

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

  take(flightId: string): boolean {
    const left = this.free.get(flightId) ?? 0;
    if (left === 0) return false;
    this.free.set(flightId, left - 1);
    return true;
  }

  giveBack(flightId: string): void {
    this.free.set(flightId, (this.free.get(flightId) ?? 0) + 1);
  }

  /** Another customer buys a seat, if one is on sale. */
  rivalBuys(flightId: string): void {
    if (this.take(flightId)) this.rivals.set(flightId, (this.rivals.get(flightId) ?? 0) + 1);
  }

  settleOffers(outcome: NonNullable<OfferRow['outcome']>, decidedBy: 'person' | 'system'): void {
    for (const offer of this.offers)
      if (offer.state !== 'settled') Object.assign(offer, { state: 'settled', outcome, decidedBy });
  }

  /** The provider sends back the money of a refund. */
  sendBack(refund: RefundRow): void {
    refund.status = 'succeeded';
    const charge = this.charges.get(refund.paymentId);
    if (charge?.status === 'captured') charge.refunded += refund.amount;
  }

  /** The booking as its owner sees it. */
  view(): Booking {
    const { booking } = this;
    const departsAt = booking?.departsAt ?? DEPARTS_AT;
    const airport = (iata: string) => ({ iata, name: iata, timeZone: 'UTC' });
    return {
      id: BOOKING_ID,
      reference: 'SIMULA',
      status: booking?.status ?? 'initiated',
      cancellationReason: booking?.reason ?? null,
      flight: {
        id: booking?.flightId ?? 'A',
        flightNumber: `XX${booking?.flightId === 'B' ? 2 : 1}`,
        origin: airport('AAA'),
        destination: airport('BBB'),
        departureAt: new Date(departsAt).toISOString(),
        arrivalAt: new Date(departsAt + HOUR_MS).toISOString(),
      },
      cabin: 'economy',
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
}

/** What a step is refused with: no other try of it can succeed. */
export function refusal(code: RefusalCode | ProviderFault): ApplicationFailure {
  return ApplicationFailure.nonRetryable(code, code);
}

/** Ends a try that another one may follow. */
export class Fault extends Error {}
