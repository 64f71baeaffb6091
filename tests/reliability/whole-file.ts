import { openCrashShop, type CrashShop } from './crash-shop';

/**
 * Opens a shop before the tests of a file, for all of them to break, and closes it after them. `env`
 * is asked for what else the shop is to be told.
 */
export function openForAllTests(
  paymentWindowSeconds: number,
  handOver: (shop: CrashShop) => void,
  env: () => NodeJS.ProcessEnv = () => ({}),
): void {
  let shop: CrashShop | undefined;

  beforeAll(async () => {
    shop = await openCrashShop(paymentWindowSeconds, env());
    handOver(shop);
  });

  afterAll(async () => {
    await shop?.close();
  });
}
