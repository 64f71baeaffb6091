import { randomUUID } from 'node:crypto';
import { serve, setting } from '../serve';
import { openShop } from '../shop/shop';

/** How often expired holds are looked for. */
const CRON_MS = 1_000;

const shop = openShop(setting('DATABASE_URL'));

/** The cron job: what it finds when it fails it finds again. */
const cron = setInterval(() => {
  void (async () => {
    for (const bookingId of await shop.findExpired()) await shop.release({ bookingId });
  })().catch((error: unknown) => console.error(error));
}, CRON_MS);

/**
 * Express and SQL with a cron job: nothing durable between the charge and the confirmation. A crash
 * there takes money and sells nothing.
 */
serve({
  create: async ({ flightId }) => {
    const bookingId = randomUUID();
    await shop.reserve({ bookingId, flightId });
    return { id: bookingId };
  },
  pay: async ({ bookingId }) => {
    await shop.charge({ bookingId });
    await shop.confirm({ bookingId });
    return { status: 'captured' };
  },
  close: () => {
    clearInterval(cron);
    return shop.close();
  },
});
