import type { Db } from '../connection';
import {
  countUnerased,
  pageDepartedBookings,
  pageDepartedBookingsOf,
  type BookingsOf,
} from './erasable-bookings';
import { BATCH, eraseBookings } from './erase-bookings';

/** How an erasure goes on. */
export interface Erasing {
  /** Only bookings whose last flight departed before are erased. */
  before: Date;
  /** Called after each batch, with the time that it took. */
  afterBatch?: (elapsedMs: number) => Promise<void>;
}

/**
 * Erases the personal data of all bookings whose last flight departed before an instant, in short
 * transactions. Returns how many. Safe to repeat, to kill, and to run twice at once.
 */
export async function eraseDeparted(db: Db, erasing: Erasing): Promise<number> {
  return eraseAll(db, pageDepartedBookings(db, erasing.before), erasing);
}

/** What became of a customer's request. */
export interface CustomerErasure {
  erased: number;
  /** Bookings that may not be erased yet: the daily run does, as soon as they may. */
  waiting: number;
}

/**
 * Erases the personal data of a customer's bookings that have departed, and notes the request, so
 * that the daily run erases those that are still to come. Bookings that the customer makes later are
 * not meant. Deletes their webhook endpoints at once.
 *
 * Safe to repeat: a later request includes the bookings that were made since.
 */
export async function eraseCustomer(
  db: Db,
  customerId: string,
  { requestedAt: until, ...erasing }: Erasing & { requestedAt: Date },
): Promise<CustomerErasure> {
  await db('erasure_requests')
    .insert({ customer_id: customerId, requested_at: until })
    .onConflict('customer_id')
    .merge();
  // Addresses of their own, and descriptions in their own words. Deliveries go with them.
  for (const table of ['webhook_endpoints', 'webhook_endpoint_keys'] as const)
    await db(table).where({ owner_id: customerId }).where('created_at', '<=', until).delete();
  return eraseRequested(db, { customerId, until }, erasing);
}

/** Goes on with what customers have requested, and was not due then. Returns how many it erased. */
export async function eraseAllRequested(db: Db, erasing: Erasing): Promise<number> {
  const requests = await db('erasure_requests').orderBy('customer_id');
  let erased = 0;
  for (const { customer_id: customerId, requested_at: until } of requests)
    erased += (await eraseRequested(db, { customerId, until }, erasing)).erased;
  return erased;
}

async function eraseRequested(
  db: Db,
  bookings: BookingsOf,
  erasing: Erasing,
): Promise<CustomerErasure> {
  const pages = pageDepartedBookingsOf(db, bookings, erasing.before);
  const erased = await eraseAll(db, pages, erasing);
  const waiting = await countUnerased(db, bookings);
  if (waiting === 0)
    await db('erasure_requests')
      .where({ customer_id: bookings.customerId, requested_at: bookings.until })
      .delete();
  return { erased, waiting };
}

async function eraseAll(
  db: Db,
  pages: AsyncGenerator<string[]>,
  { afterBatch }: Erasing,
): Promise<number> {
  let erased = 0;
  for await (const ids of pages)
    for (let first = 0; first < ids.length; first += BATCH) {
      const startedAt = performance.now();
      erased += await eraseBookings(db, ids.slice(first, first + BATCH));
      await afterBatch?.(performance.now() - startedAt);
    }
  return erased;
}
