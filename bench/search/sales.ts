import { query } from '../../scripts/stack/postgres-cluster';
import { connect, type Db } from '../../src/db/connection';
import { ON_SALE, sellSeat } from '../claims/sale';
import type { ScratchDatabase } from './scratch-database';

/**
 * Sales in each database at a steady rate, from `open` until `close`, while it is searched. A
 * database sells one seat after another: on a busy machine all of them sell more slowly.
 */
export class Sales {
  private readonly underWay = new Set<Promise<void>>();
  private readonly failures: Error[] = [];
  private readonly timer: NodeJS.Timeout;
  private sold = 0;

  private constructor(
    private readonly shops: readonly Shop[],
    perSecond: number,
  ) {
    this.timer = setInterval(() => {
      if (this.underWay.size > 0) return;
      for (const { db, flightIds } of shops) this.begin(sellSeat(db, flightIds));
    }, 1000 / perSecond);
  }

  static async open(databases: readonly ScratchDatabase[], perSecond: number): Promise<Sales> {
    const shops: Shop[] = [];
    for (const { url } of databases) {
      const flights = await query<{ id: string }>(url, ON_SALE);
      // Whoever looks at the searches' connections finds searches alone.
      const db = connect(url, { applicationName: 'bench-sales', maxConnections: 1 });
      shops.push({ db, flightIds: flights.map(({ id }) => id) });
    }
    return new Sales(shops, perSecond);
  }

  private begin(sale: Promise<void>): void {
    const ended = sale
      .then(
        () => void (this.sold += 1),
        (error: unknown) =>
          void this.failures.push(error instanceof Error ? error : new Error(String(error))),
      )
      .finally(() => this.underWay.delete(ended));
    this.underWay.add(ended);
  }

  /** Ends them. Returns how many seats were sold in all databases. @throws when a sale failed. */
  async close(): Promise<number> {
    clearInterval(this.timer);
    await Promise.all(this.underWay);
    await Promise.all(this.shops.map(({ db }) => db.destroy()));
    const [failure] = this.failures;
    if (failure !== undefined) throw failure;
    return this.sold;
  }
}

interface Shop {
  db: Db;
  flightIds: readonly string[];
}
