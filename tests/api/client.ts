import { randomUUID } from 'node:crypto';
import type { ProblemCode } from '../../src/api/problem';
import type { BookingEventView } from '../../src/db/bookings/event-view';
import type { PaymentWithRefunds } from '../../src/db/payments/booking-payments-view';
import type { Booking } from '../../src/domain/booking';
import type { CancellationQuote } from '../../src/domain/cancellation';
import type { Payment } from '../../src/domain/payment';
import { adult } from '../support/flights';
import { expectDocumented, type Answer, type ProblemBody } from './contract';

export interface Sent {
  headers?: Record<string, string>;
  /** Sent as JSON; text and bytes are sent as they are. */
  body?: unknown;
}

export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

/** An idempotency key that nobody has used. */
export function newKey(): string {
  return `key-${randomUUID()}`;
}

export type Client = ReturnType<typeof clientOf>;

/**
 * Someone who talks HTTP with our API, by a token or by none. Every answer is held against
 * openapi.json.
 */
export function clientOf(api: string, token?: string) {
  async function send<T>(
    method: string,
    path: string,
    { headers = {}, body }: Sent = {},
  ): Promise<Answer<T>> {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(`${api}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const answer: Answer<T> = {
      status: response.status,
      headers: response.headers,
      text,
      body: (isJson ? JSON.parse(text) : undefined) as T,
    };
    expectDocumented(method, path, answer);
    return answer;
  }

  return {
    send,
    get: <T = unknown>(path: string, headers: Record<string, string> = {}) =>
      send<T>('GET', path, { headers }),
    post: <T = unknown>(path: string, body: unknown, headers: Record<string, string> = {}) =>
      send<T>('POST', path, { body, headers }),
    /** Asks for seats: one adult's, unless said otherwise. */
    create: (flight: { id: string }, details: Record<string, unknown> = {}, key?: string) =>
      send<Booking>('POST', '/api/v1/bookings', {
        headers: key === undefined ? {} : { 'x-idempotency-key': key },
        body: { flightId: flight.id, passengers: [adult()], ...details },
      }),
    read: (bookingId: string) => send<Booking>('GET', `/api/v1/bookings/${bookingId}`),
    list: (query = '') => send<Page<Booking>>('GET', `/api/v1/bookings${query}`),
    /** Pays what the booking costs by a card that works, unless said otherwise. */
    pay: (booking: Booking, details: Record<string, unknown> = {}, key: string = newKey()) =>
      send<Payment>('POST', '/api/v1/bookings/payments', {
        headers: { 'x-idempotency-key': key },
        body: {
          bookingId: booking.id,
          amount: booking.price.amount,
          currency: booking.price.currency,
          paymentMethod: 'pm_card_visa',
          ...details,
        },
      }),
    cancel: (booking: { id: string }, body?: unknown) =>
      send<Booking>('POST', `/api/v1/bookings/${booking.id}/cancel`, { body }),
    /** What a cancellation now would give back. */
    quote: (booking: { id: string }) =>
      send<CancellationQuote & { bookingId: string }>(
        'GET',
        `/api/v1/bookings/${booking.id}/cancellation-quote`,
      ),
    payments: (booking: { id: string }) =>
      send<{ data: PaymentWithRefunds[] }>('GET', `/api/v1/bookings/${booking.id}/payments`),
    events: (booking: { id: string }) =>
      send<{ data: BookingEventView[] }>('GET', `/api/v1/bookings/${booking.id}/events`),
  };
}

/** Expects a refusal; answers its document. */
export function expectRefused(answer: Answer, code: ProblemCode): ProblemBody {
  expect(answer).toMatchObject({ body: { code } });
  return answer.body as ProblemBody;
}

/** Expects the refusal of these fields and no others, by their JSON pointers. */
export function expectInvalid(answer: Answer, ...pointers: string[]): void {
  const { errors = [] } = expectRefused(answer, 'validation_failed');
  expect([...new Set(errors.map(({ pointer }) => pointer))].sort()).toEqual(pointers.sort());
}

/**
 * What comes back again for a key: the same status and the same body, letter by letter but for a
 * problem's request ID.
 */
export function expectReplay(again: Answer, first: Answer): void {
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(again.status).toBe(first.status);
  expect(withoutRequestId(again)).toBe(withoutRequestId(first));
}

function withoutRequestId({ text, headers }: Answer): string {
  return text.replace(`"requestId":"${headers.get('x-request-id') ?? ''}"`, '"requestId":""');
}
