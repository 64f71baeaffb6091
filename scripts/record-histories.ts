import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatHistory } from '../tests/replay/recorded';
import globalSetup from '../tests/support/global-setup';
import globalTeardown from '../tests/support/global-teardown';
import { requestOf } from '../tests/support/flights';
import { openShop, type Sale, type Shop } from '../tests/support/shop';
import { devServerEnvironment } from '../tests/support/temporal';

/**
 * Records how bookings go today, one history for each way that a booking can end, for tests/replay: workflows that run while a new
 * version is deployed go on from histories like these. To be run when a workflow was changed on purpose, with `patched` where needed.
 */
const FOLDER = path.resolve(__dirname, '../tests/replay/histories');

/** The expired booking is waited for; the others have to be done by then. */
const PAYMENT_WINDOW_SECONDS = 8;

const STORIES: Record<string, (shop: Shop) => Promise<Sale>> = {
  booked: async (shop) => {
    const sale = await shop.hold();
    await sale.pay();
    return sale;
  },
  'declined-then-booked': async (shop) => {
    const sale = await shop.hold();
    await sale.pay({ paymentMethod: 'pm_card_chargeDeclined' });
    await sale.pay();
    return sale;
  },
  'paid-elsewhere': async (shop) => {
    const sale = await shop.hold();
    await sale.paidElsewhere({ amount: 1 });
    await sale.paidElsewhere();
    return sale;
  },
  'paid-twice': async (shop) => {
    const sale = await shop.hold();
    const capture = shop.provider.pause('capture');
    const paying = sale.pay();
    await capture.reached;
    await sale.paidElsewhere();
    capture.letIn();
    await paying;
    return sale;
  },
  'cancelled-by-customer': async (shop) => {
    const sale = await shop.hold();
    await sale.cancel();
    return sale;
  },
  'cancelled-by-operator': async (shop) => {
    const sale = await shop.hold();
    await sale.handle.cancel();
    return sale;
  },
  expired: (shop) => shop.hold(),
  refused: async (shop) => {
    const request = requestOf(await shop.flight({ departsInMinutes: 59 }));
    await shop.reserve(request);
    return shop.saleOf(request);
  },
};

async function main(): Promise<void> {
  await globalSetup();
  const shop = await openShop(devServerEnvironment, {
    paymentWindowSeconds: PAYMENT_WINDOW_SECONDS,
  });
  try {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    for (const [name, story] of Object.entries(STORIES)) {
      const sale = await story(shop);
      const { status, cancellationReason } = await sale.outcome();
      const history = await sale.handle.fetchHistory();
      writeFileSync(path.join(FOLDER, `${name}.json`), formatHistory(history));
      console.log(`${name}: ${cancellationReason ?? status}`);
    }
  } finally {
    await shop.close();
    await globalTeardown();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
