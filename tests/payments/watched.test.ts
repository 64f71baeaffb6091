import {
  ProviderRejected,
  ProviderUnavailable,
  type PaymentGateway,
} from '../../src/payments/gateway';
import { createSandboxGateway } from '../../src/payments/sandbox/gateway';
import { watched, type ProviderRequest } from '../../src/payments/watched';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** What is reported of requests to a payment provider. */

let database: TestDatabase;
let sandbox: PaymentGateway;

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = createSandboxGateway(database.as('sandbox'));
});

afterAll(() => database.drop());

const CHARGE = {
  paymentId: '0b6a3b7c-5df0-4a0e-9a53-0f6e1e2b7d10',
  bookingId: '5f0c9a34-6a0c-4a52-8a3b-6f8b7f2f6c11',
  money: { amount: 12_000, currency: 'USD' },
};

function open(gateway: PaymentGateway) {
  const reported: Omit<ProviderRequest, 'seconds'>[] = [];
  const watching = watched(gateway, ({ seconds, ...request }) => {
    expect(seconds).toBeGreaterThan(0);
    reported.push(request);
  });
  return { watching, reported };
}

test('a card that is charged, one that is declined, and a look-up are answers', async () => {
  const { watching, reported } = open(sandbox);
  const card = { ...CHARGE, paymentMethod: 'pm_card_visa' };
  const result = await watching.authorize(card);
  expect(result).toEqual(await sandbox.authorize(card));
  await watching.capture((result as { providerPaymentId: string }).providerPaymentId);
  expect(await watching.find(CHARGE.paymentId)).toMatchObject({ status: 'captured' });
  const other = { ...CHARGE, paymentId: '5a2a0c53-0d1f-4a06-b4a4-2f4f6c9b8e12' };
  await watching.authorize({ ...other, paymentMethod: 'pm_card_chargeDeclined' });
  const answered = { provider: 'sandbox', outcome: 'answered' };
  expect(reported).toEqual([
    { ...answered, operation: 'authorize' },
    { ...answered, operation: 'capture' },
    { ...answered, operation: 'find' },
    { ...answered, operation: 'authorize' },
  ]);
});

test.each([
  ['unavailable', new ProviderUnavailable('no answer')],
  ['rejected', new ProviderRejected('not like this')],
  ['failed', new TypeError('a fault of ours')],
])('a request that is %s says so, and fails as before', async (outcome, error) => {
  const { watching, reported } = open({ ...sandbox, void: () => Promise.reject(error) });
  await expect(watching.void('spi_1')).rejects.toBe(error);
  expect(reported).toEqual([{ provider: 'sandbox', operation: 'void', outcome }]);
});
