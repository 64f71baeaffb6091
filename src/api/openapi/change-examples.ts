import type { z } from 'zod';
import type { Change, ChangeQuote, ChangeQuoteRequest, ChangeRequest } from '../changes/schemas';
import { BOOKED, BOOKING_ID, CAPTURED } from './examples';

const QUOTE_ID = '0d9a3c61-6f55-4d7e-8a4b-2f6f1f3f6a10';
export const CHANGE_ID = '9a5b8f0e-3b1d-5c55-9e0c-7c1f2a4d5e66';

/** The flight a day later. */
const LATER = '6f6a1c5e-57e0-5f7a-9a51-6a1f0c9b2d31';

const usd = (amount: number) => ({ amount, currency: 'USD' });

export const EXCHANGE: z.input<typeof ChangeQuoteRequest> = {
  slices: [{ replaces: 0, flightIds: [LATER] }],
};

export const CHANGE_QUOTE: z.input<typeof ChangeQuote> = {
  id: QUOTE_ID,
  bookingId: BOOKING_ID,
  expiresAt: '2026-11-26T11:15:00.000Z',
  slices: [{ replaces: 0, flightIds: [LATER] }],
  newTotal: usd(112_374),
  fee: usd(5_000),
  difference: usd(7_500),
  toPay: usd(12_500),
  toRefund: usd(0),
};

export const CHANGE: z.input<typeof ChangeRequest> = {
  quoteId: QUOTE_ID,
  paymentMethod: 'pm_card_visa',
};

const CHANGED_FLIGHT = {
  ...BOOKED.flight,
  id: LATER,
  departureAt: '2026-12-04T13:00:00.000Z',
  arrivalAt: '2026-12-04T19:20:00.000Z',
};

export const COMPLETED: z.input<typeof Change> = {
  id: CHANGE_ID,
  bookingId: BOOKING_ID,
  status: 'completed',
  booking: {
    ...BOOKED,
    flight: CHANGED_FLIGHT,
    price: { ...usd(112_374), breakdown: { base: 102_210, taxes: 8_144, fees: 2_020 } },
  },
  payment: { ...CAPTURED, id: '5e0d2f5c-8a43-5b57-a0f6-5e0c3a1b7d20', ...usd(12_500) },
  refund: null,
  failure: null,
};

export const PENDING: z.input<typeof Change> = {
  ...COMPLETED,
  status: 'pending',
  booking: BOOKED,
  payment: {
    ...CAPTURED,
    id: '5e0d2f5c-8a43-5b57-a0f6-5e0c3a1b7d20',
    ...usd(12_500),
    status: 'processing',
    capturedAt: null,
  },
};
