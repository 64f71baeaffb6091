import { randomUUID } from 'node:crypto';
import { openShop, type Shop } from '../support/shop';
import { requestOf } from '../support/flights';
import { devServerEnvironment } from '../support/temporal';
let shop: Shop;
beforeAll(async () => { shop = await openShop(devServerEnvironment); });
afterAll(() => shop.close());
test('x', async () => {
  const sale = await shop.start(requestOf({ id: randomUUID() }));
  console.log(await Promise.race([sale.outcome().catch((e: unknown) => e), new Promise((r) => setTimeout(r, 3000))]));
  await sale.handle.terminate().catch(() => 0);
  const h = await sale.handle.fetchHistory();
  console.log(JSON.stringify(h.events, null, 1).slice(0, 6000));
});
