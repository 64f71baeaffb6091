import { randomUUID } from 'node:crypto';
import type { Charge, PaymentGateway } from '../../src/payments/gateway';
import { createSandboxGateway } from '../../src/payments/sandbox/gateway';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ADULT_PRICE } from '../support/flights';

let database: TestDatabase;
let sandbox: PaymentGateway;

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = createSandboxGateway(database.knex);
});

afterAll(() => database.drop());

describe('a card that works', () => {
  test('is authorized, then captured, and the provider knows it by our ID', async () => {
    const charge = chargeOn('pm_card_visa');
    const providerPaymentId = await authorized(charge);
    expect(await sandbox.find(charge.paymentId)).toEqual({
      providerPaymentId,
      status: 'authorized',
      money: ADULT_PRICE,
    });
    await sandbox.capture(providerPaymentId);
    expect(await sandbox.find(charge.paymentId)).toMatchObject({ status: 'captured' });
  });

  test('is charged once, however often each call is repeated', async () => {
    const charge = chargeOn('pm_card_visa');
    const ids = await Promise.all(Array.from({ length: 5 }, () => authorized(charge)));
    expect(new Set(ids).size).toBe(1);
    await Promise.all(ids.map((id) => sandbox.capture(id)));
    expect(await moneyTaken(charge)).toEqual([ADULT_PRICE.amount]);
  });

  test('can be let go again, once, and then not be captured', async () => {
    const charge = chargeOn('pm_card_visa');
    const id = await authorized(charge);
    await sandbox.void(id);
    await sandbox.void(id);
    expect(await sandbox.find(charge.paymentId)).toMatchObject({ status: 'voided' });
    await expect(sandbox.capture(id)).rejects.toThrow('voided');
    expect(await moneyTaken(charge)).toEqual([]);
  });

  test('that was captured can’t be let go, only refunded', async () => {
    const id = await captured(chargeOn('pm_card_visa'));
    await expect(sandbox.void(id)).rejects.toThrow('captured');
  });
});

describe('a refund', () => {
  test('gives money back once per key', async () => {
    const id = await captured(chargeOn('pm_card_visa'));
    const refundId = randomUUID();
    const part = { amount: 5_000, currency: 'USD' };
    const refunds = await Promise.all([
      sandbox.refund(refundId, id, part),
      sandbox.refund(refundId, id, part),
    ]);
    expect(new Set(refunds).size).toBe(1);
    expect(await moneyGivenBack(id)).toEqual([5_000]);
  });

  test('never gives back more than came in, however it is split', async () => {
    const id = await captured(chargeOn('pm_card_visa'));
    await sandbox.refund(randomUUID(), id, { amount: 12_000, currency: 'USD' });
    await expect(
      sandbox.refund(randomUUID(), id, { amount: 1, currency: 'USD' }),
    ).rejects.toThrow();
    expect(await moneyGivenBack(id)).toEqual([12_000]);
  });

  test('needs captured money', async () => {
    const id = await authorized(chargeOn('pm_card_visa'));
    await expect(sandbox.refund(randomUUID(), id, ADULT_PRICE)).rejects.toThrow();
  });
});

test.each([
  ['pm_card_chargeDeclined', 'generic_decline'],
  ['pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
  ['pm_of_nobody', 'unknown_payment_method'],
])('%s is declined: %s, again and again', async (paymentMethod, declineCode) => {
  const charge = chargeOn(paymentMethod);
  const declined = { status: 'declined', declineCode };
  expect(await sandbox.authorize(charge)).toEqual(declined);
  expect(await sandbox.authorize(charge)).toEqual(declined);
  expect(await sandbox.find(charge.paymentId)).toMatchObject({ status: 'declined' });
});

test('a payment that the provider never heard of is not found', async () => {
  expect(await sandbox.find(randomUUID())).toBeUndefined();
});

test('pm_sandbox_timeout takes the money, loses the answer twice within two seconds each, and takes it once', async () => {
  const charge = chargeOn('pm_sandbox_timeout');
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const asked = Date.now();
    await expect(sandbox.authorize(charge)).rejects.toThrow('lost');
    expect(Date.now() - asked).toBeLessThan(2_000);
    expect(await sandbox.find(charge.paymentId)).toMatchObject({ status: 'authorized' });
  }
  const id = await authorized(charge);

  await expect(sandbox.capture(id)).rejects.toThrow('lost');
  expect(await sandbox.find(charge.paymentId)).toMatchObject({ status: 'captured' });
  await expect(sandbox.capture(id)).rejects.toThrow('lost');
  await sandbox.capture(id);
  expect(await moneyTaken(charge)).toEqual([ADULT_PRICE.amount]);
});

test('pm_sandbox_error fails twice before it touches its books, then works', async () => {
  const charge = chargeOn('pm_sandbox_error');
  await expect(sandbox.authorize(charge)).rejects.toThrow('500');
  await expect(sandbox.authorize(charge)).rejects.toThrow('500');
  expect(await sandbox.find(charge.paymentId)).toBeUndefined();
  expect(await sandbox.authorize(charge)).toMatchObject({ status: 'authorized' });
});

test('faults outlive the process: a restarted provider doesn’t begin to count anew', async () => {
  const charge = chargeOn('pm_sandbox_error');
  await expect(createSandboxGateway(database.knex).authorize(charge)).rejects.toThrow('500');
  await expect(createSandboxGateway(database.knex).authorize(charge)).rejects.toThrow('500');
  expect(await createSandboxGateway(database.knex).authorize(charge)).toMatchObject({
    status: 'authorized',
  });
});

test('faults are counted for each payment and operation alone', async () => {
  const charge = chargeOn('pm_sandbox_error');
  await expect(sandbox.authorize(charge)).rejects.toThrow('500');
  await expect(sandbox.authorize(charge)).rejects.toThrow('500');
  const id = await authorized(charge);
  await expect(sandbox.capture(id)).rejects.toThrow('500');
  await expect(sandbox.authorize(chargeOn('pm_sandbox_error'))).rejects.toThrow('500');
});

test('pm_sandbox_slow answers after three seconds', async () => {
  const asked = Date.now();
  await authorized(chargeOn('pm_sandbox_slow'));
  expect(Date.now() - asked).toBeGreaterThanOrEqual(2_900);
});

function chargeOn(paymentMethod: string): Charge {
  return { paymentId: randomUUID(), money: ADULT_PRICE, paymentMethod };
}

async function authorized(charge: Charge): Promise<string> {
  const authorization = await sandbox.authorize(charge);
  if (authorization.status !== 'authorized')
    throw new Error('The sandbox declined a card that works');
  return authorization.providerPaymentId;
}

async function captured(charge: Charge): Promise<string> {
  const id = await authorized(charge);
  await sandbox.capture(id);
  return id;
}

/** The captured amounts that the provider's books have under our payment's ID. */
async function moneyTaken({ paymentId }: Charge): Promise<number[]> {
  return database
    .knex('sandbox_provider.payment_intents')
    .where({ idempotency_key: paymentId, status: 'captured' })
    .pluck('amount');
}

async function moneyGivenBack(providerPaymentId: string): Promise<number[]> {
  return database
    .knex('sandbox_provider.refunds')
    .where({ payment_intent_id: providerPaymentId })
    .pluck('amount');
}
