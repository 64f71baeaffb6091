import { openShop, STARTING_MS, type Shop } from '../support/shop';

/**
 * Opens a shop before the tests of a suite, and closes it after them. What is returned stands for
 * that shop, so it may be used in tests and hooks only.
 */
export function shopOfSuite(...settings: Parameters<typeof openShop>): Shop {
  let opened: Shop | undefined;
  beforeAll(async () => {
    opened = await openShop(...settings);
  }, STARTING_MS);
  afterAll(() => opened?.close());
  return new Proxy({} as Shop, {
    get(_, name) {
      if (opened === undefined) throw new Error('Bug: the shop is not open yet');
      return opened[name as keyof Shop];
    },
  });
}
