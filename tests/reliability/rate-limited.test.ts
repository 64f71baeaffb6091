import { isGrpcServiceError } from '@temporalio/client';
import { bookingState } from '../../src/temporal/contracts/booking';
import { expectReplay, newKey } from '../api/client';
import { openStorefront, type Storefront } from '../support/api';
import { STARTING_MS } from '../support/shop';
import { persist } from './shopper';

/**
 * Temporal refuses what comes faster than its limit, as Temporal Cloud does: the limit here is about
 * what three bookings a second need.
 */
const REQUESTS_PER_SECOND = 30;

const CUSTOMERS = 24;

let shop: Storefront;

beforeAll(async () => {
  shop = await openStorefront({}, { 'frontend.namespaceRPS': REQUESTS_PER_SECOND });
}, STARTING_MS);

afterAll(() => shop.close(), STARTING_MS);

/** Codes of gRPC: what the client makes of a limit when it has asked again until its deadline. */
const [DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED] = [4, 8];

/** How many of so many requests at once Temporal refuses for coming too fast. */
async function refusedOf(requests: number): Promise<number> {
  const { workflowService } = shop.env.client;
  const asked = Array.from({ length: requests }, () =>
    shop.env.client
      .withDeadline(Date.now() + 2_000, () =>
        workflowService.describeNamespace({ namespace: 'default' }),
      )
      .then(
        () => false,
        (error: unknown) =>
          isGrpcServiceError(error) && [DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED].includes(error.code),
      ),
  );
  return (await Promise.all(asked)).filter(Boolean).length;
}

test('a Temporal that limits requests delays bookings: each is sold once, and none is lost', async () => {
  const flight = await shop.flight({ seats: CUSTOMERS });
  const served = await Promise.all(
    Array.from({ length: CUSTOMERS }, async () => {
      const customer = await shop.customer();
      const [bookingKey, paymentKey] = [newKey(), newKey()];
      const held = await persist(() => customer.create(flight, {}, bookingKey));
      const paid = await persist(() => customer.pay(held.body, {}, paymentKey));
      return { customer, held, paid, bookingKey };
    }),
  );
  expect(served.map(({ held, paid }) => [held.status, paid.status])).toEqual(
    Array.from({ length: CUSTOMERS }, () => [201, 201]),
  );
  for (const { customer, held, bookingKey } of served) {
    expectReplay(await customer.create(flight, {}, bookingKey), held);
    const handle = shop.env.client.workflow.getHandle(held.body.workflowId);
    expect(await handle.query(bookingState)).toMatchObject({ status: 'booked' });
  }
  const { rows } = await shop.db.raw<{ rows: { charges: string }[] }>(
    "SELECT count(*) AS charges FROM sandbox_provider.payment_intents WHERE status = 'captured'",
  );
  expect(rows).toEqual([{ charges: CUSTOMERS }]);
});

test('it does limit them', async () => {
  expect(await refusedOf(20 * REQUESTS_PER_SECOND)).toBeGreaterThan(0);
});
