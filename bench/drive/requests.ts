import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Booking } from '../../src/domain/booking';
import type { Answer, Customer } from './customer';

/** Who flies: one adult. */
export const PASSENGERS = [{ givenName: 'Ada', familyName: 'Lovelace' }];

/** What a purchase needs of the booking that was created. */
export type Created = Pick<Booking, 'id' | 'price'>;

/** Books one seat on the flight. */
export function create(
  customer: Customer,
  flightId: string | undefined,
  idempotencyKey: string = randomUUID(),
): Promise<Answer> {
  const body = { flightId, passengers: PASSENGERS };
  return customer.post('/api/v1/bookings', idempotencyKey, body);
}

/** How often, and how many times, a booking that is being made is looked at. */
const LOOK_EVERY_MS = 500;
const MAX_LOOKS = 60;

/** Books one seat. After a 202, which says that it is being made, waits until that is done. */
export async function createAndWait(
  customer: Customer,
  flightId: string | undefined,
  idempotencyKey: string,
): Promise<Answer> {
  const created = await create(customer, flightId, idempotencyKey);
  let answer = created;
  for (let looks = 0; isBeingMade(answer) && looks < MAX_LOOKS; looks += 1) {
    await wait(LOOK_EVERY_MS);
    answer = await customer.get(`/api/v1/bookings/${(created.body as Created).id}`);
  }
  return isBeingMade(answer) ? created : answer;
}

function isBeingMade({ body }: Answer): boolean {
  return (body as Partial<Booking> | null)?.status === 'initiated';
}

/** Pays the booking's price by card. */
export function pay(customer: Customer, { id, price }: Created): Promise<Answer> {
  const { amount, currency } = price;
  const body = { bookingId: id, amount, currency, paymentMethod: 'pm_card_visa' };
  return customer.post('/api/v1/bookings/payments', randomUUID(), body);
}

/** A way that customers look for: airports, and a day at the origin. */
export interface Route {
  origin: string;
  destination: string;
  date: string;
}

export function search(customer: Customer, route: Route): Promise<Answer> {
  const query = new URLSearchParams({ ...route });
  return customer.get(`/api/v1/flights?${query.toString()}`);
}

/** A problem has a code of its own; other responses have their status only. */
export function codeOf({ status, body }: Answer): string {
  const code = (body as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? `${status} ${code}` : String(status);
}

/** Names a request that got no response. */
export function faultOf(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException;
  return code ?? name;
}

/** Any one of several. */
export function anyOf<T>(items: readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error('Bug: nothing to choose from');
  return item;
}
