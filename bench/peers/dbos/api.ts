import { randomUUID } from 'node:crypto';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { serve, setting } from '../serve';
import { openShop, type Booking } from '../shop/shop';

/** As the booking's deadline elsewhere. */
const DEADLINE_SECONDS = 15 * 60;

/** How long a client is kept waiting. */
const TIMEOUT_SECONDS = 30;

/** Its connections, beside those of the shop. */
const POOL_SIZE = 24;

const databaseUrl = setting('DATABASE_URL');
const shop = openShop(databaseUrl);

/**
 * The same flow, durable by DBOS: each step is recorded in PostgreSQL, in this very process.
 *
 * Whoever waits is told by events, which PostgreSQL notifies of. A workflow's result would be looked
 * for every second.
 */
const sellSeat = DBOS.registerWorkflow(
  async (booking: Booking): Promise<void> => {
    await DBOS.runStep(() => shop.reserve(booking), { name: 'reserve' });
    await DBOS.setEvent('status', 'pending');
    const payment = await DBOS.recv<string>('payment', DEADLINE_SECONDS);
    if (payment === null) {
      await DBOS.runStep(() => shop.release(booking), { name: 'release' });
      await DBOS.setEvent('outcome', 'cancelled');
      return;
    }
    await DBOS.runStep(() => shop.charge(booking), { name: 'charge' });
    await DBOS.runStep(() => shop.confirm(booking), { name: 'confirm' });
    await DBOS.setEvent('outcome', 'booked');
  },
  { name: 'sellSeat' },
);

async function main(): Promise<void> {
  DBOS.setConfig({
    name: 'bench-dbos',
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize: POOL_SIZE,
    logLevel: 'error',
  });
  await DBOS.launch();
  serve({
    create: async ({ flightId }) => {
      const bookingId = randomUUID();
      await DBOS.startWorkflow(sellSeat, { workflowID: bookingId })({ bookingId, flightId });
      const status = await DBOS.getEvent<string>(bookingId, 'status', TIMEOUT_SECONDS);
      if (status === null) throw new Error('timeout');
      return { id: bookingId };
    },
    pay: async ({ bookingId }) => {
      await DBOS.send(bookingId, 'pay', 'payment', bookingId);
      const outcome = await DBOS.getEvent<string>(bookingId, 'outcome', TIMEOUT_SECONDS);
      if (outcome !== 'booked') throw new Error(outcome ?? 'timeout');
      return { status: 'captured' };
    },
    close: async () => {
      await DBOS.shutdown();
      await shop.close();
    },
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
