import { openCrashShop, type CrashShop } from './crash-shop';

/** Opens a shop before the tests of a file, for all of them to break, and closes it after them. */
export function openForAllTests(
  paymentWindowSeconds: number,
  handOver: (shop: CrashShop) => void,
): void {
  let shop: CrashShop | undefined;

  beforeAll(async () => {
    shop = await openCrashShop(paymentWindowSeconds);
    handOver(shop);
  }, 300_000);

  afterAll(async () => {
    await shop?.close();
  });
}
