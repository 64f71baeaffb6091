import { openShop, type Shop } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';

let shop: Shop;
beforeAll(async () => { shop = await openShop(timeSkippingEnvironment); });
afterAll(() => shop.close());

test('book, pay', async () => {
  const sale = await shop.hold();
  expect(await sale.pay()).toMatchObject({ outcome: 'captured' });
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
});
test('expire', async () => {
  const sale = await shop.hold();
  expect(await sale.outcome()).toMatchObject({ status: 'cancelled' });
});
