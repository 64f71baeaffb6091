import type { CrashShop } from './crash-shop';
import type { Gate } from './gates';
import type { Shopper } from './shopper';

/** A booking that stands still, and how it looks once all has come right. */
export interface Stopped {
  gate: Gate;
  look(): Promise<unknown>;
}

/** Brings a booking of the shop to stand still at a point. */
export type Point = (shop: CrashShop) => Promise<Stopped>;

/** What the point is, how to come there, and how the booking looks in the end. */
export type KillPoint = [at: string, point: Point, expected: unknown];

interface Response {
  status: number;
  text: string;
  headers: Headers;
}

export type Request = () => Promise<Response>;

/** Sends a request, whose answer is looked at when all the others are. */
export function begin<T>(request: () => Promise<T>): Promise<T> {
  const first = request();
  first.catch(() => undefined);
  return first;
}

/** Returns how a request was answered, and a retry of it. */
export async function answersOf(first: Promise<Response>, again: Request) {
  const [one, other] = [await first, await again()];
  return {
    answers: [one.status, other.status],
    sameAnswer: withoutRequestId(one) === withoutRequestId(other),
  };
}

export async function standing(customer: Shopper) {
  const { status } = await customer.read();
  return { status, seats: await customer.seats(), charges: await customer.charges() };
}

function withoutRequestId({ text, headers }: Response): string {
  return text.replace(headers.get('x-request-id') ?? '', '');
}
