import { randomUUID } from 'node:crypto';
import { query } from '../../scripts/stack/postgres-cluster';
import type { Db } from '../../src/db/connection';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import { claimOf, reserveSeat } from '../claims/request';
import type { ScratchDatabase } from './scratch-database';

/** Sales in each database at a steady rate, from `open` until `close`, while it is searched. */
export class Sales {
  private readonly underWay = new Set<Promise<void>>();
  private readonly failures: unknown[] = [];
  private readonly timer: NodeJS.Timeout;
  private sold = 0;

  private constructor(shops: readonly Shop[], perSecond: number) {
    this.timer = setInterval(() => {
      for (const shop of shops) this.begin(sellSeat(shop));
    }, 1000 / perSecond);
  }

  static async open(databases: readonly ScratchDatabase[], perSecond: number): Promise<Sales> {
    const shops: Shop[] = [];
    for (const { db, url } of databases) {
      const flights = await query<{ id: string }>(
        url,
        `SELECT flight_id AS id FROM flight_cabins JOIN flights f ON f.id = flight_id
         WHERE cabin = 'economy' AND departure_at > now() + interval '6 hours'`,
      );
      shops.push({ db, flightIds: flights.map(({ id }) => id) });
    }
    return new Sales(shops, perSecond);
  }

  private begin(sale: Promise<void>): void {
    const ended = sale
      .then(
        () => void (this.sold += 1),
        (error: unknown) => void this.failures.push(error),
      )
      .finally(() => this.underWay.delete(ended));
    this.underWay.add(ended);
  }

  /** Ends them. Returns how many seats were sold in all databases. @throws when a sale failed. */
  async close(): Promise<number> {
    clearInterval(this.timer);
    await Promise.all(this.underWay);
    const [failure] = this.failures;
    if (failure !== undefined) throw failure;
    return this.sold;
  }
}

interface Shop {
  db: Db;
  flightIds: readonly string[];
}

/** What a booking and its payment do in the database, by the statements that processes use. */
async function sellSeat({ db, flightIds }: Shop): Promise<void> {
  const flightId = flightIds[Math.floor(Math.random() * flightIds.length)] ?? '';
  const request = claimOf(flightId);
  const { bookingId, customerId } = request;
  const { amount, currency } = (await reserveSeat(db, request)).price;
  const payment = {
    ...{ bookingId, customerId, paymentId: randomUUID(), amount, currency },
    ...{ idempotencyKey: randomUUID(), fingerprint: 'bench', paymentMethod: 'pm_card_visa' },
  };
  await startPayment(db, payment, 'sandbox');
  await confirmWithCardPayment(db, payment, `spi_${payment.paymentId}`);
}
