import { randomUUID } from 'node:crypto';
import type { Charge, PaymentGateway } from '../../src/payments/gateway';
import { describeDecline } from '../../src/domain/decline';
import { CARDS } from '../../src/payments/sandbox/cards';
import { createSandboxGateway } from '../../src/payments/sandbox/gateway';
import { sendDueReports, type SandboxReport } from '../../src/payments/sandbox/reports';
import { ALL_EXPLAINED } from '../support/provider';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ADULT_PRICE } from '../support/flights';
import { describeGateway } from './contract';

let database: TestDatabase;
let sandbox: PaymentGateway;

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = createSandboxGateway(database.knex);
});

afterAll(() => database.drop());

describeGateway('sandbox', async () => {
  const { knex, drop } = await createTestDatabase();
  const intents = (paymentId: string, status: string) =>
    knex('sandbox_provider.payment_intents')
      .where({ idempotency_key: paymentId, status })
      .pluck<number[]>('amount');
  return {
    gateway: createSandboxGateway(knex),
    goodCard: 'pm_card_visa',
    badCard: { paymentMethod: 'pm_card_chargeDeclined', declineCode: 'generic_decline' },
    reserved: (paymentId) => intents(paymentId, 'authorized'),
    taken: (paymentId) => intents(paymentId, 'captured'),
    returned: (id) =>
      knex('sandbox_provider.refunds').where({ payment_intent_id: id }).pluck<number[]>('amount'),
    close: drop,
  };
});

test('two refunds at once under one ID are one, and two that exceed the payment together don’t both succeed', async () => {
  const id = await captured(chargeOn('pm_card_visa'));
  const part = { amount: 5_000, currency: 'USD' };
  const refundId = randomUUID();
  const [first, second] = await Promise.all([
    sandbox.refund(refundId, id, part, ALL_EXPLAINED),
    sandbox.refund(refundId, id, part, ALL_EXPLAINED),
  ]);
  expect(second).toEqual(first);

  const rest = { amount: 7_000, currency: 'USD' };
  const answers = await Promise.all([
    sandbox.refund(randomUUID(), id, rest, ALL_EXPLAINED),
    sandbox.refund(randomUUID(), id, rest, ALL_EXPLAINED),
  ]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual(['refused', 'succeeded']);
});

test('a card without funds is declined for that reason', async () => {
  const charge = chargeOn('pm_card_chargeDeclinedInsufficientFunds');
  expect(await sandbox.authorize(charge)).toEqual({
    status: 'declined',
    declineCode: 'insufficient_funds',
  });
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

describe('a customer whom their bank asks', () => {
  const ASKS = 'pm_card_threeDSecure2Required';

  /** Reserves money, and lets the time pass in which the customer acts. */
  async function asked(paymentMethod: string): Promise<Charge> {
    const charge = chargeOn(paymentMethod);
    expect(await sandbox.authorize(charge)).toMatchObject({ status: 'requires_action' });
    await database.knex('sandbox_provider.reports').update({ due_at: new Date() });
    return charge;
  }

  test('is waited for: nothing is taken until they have confirmed, and then it is reported', async () => {
    const charge = await asked(ASKS);
    const { providerPaymentId } = (await sandbox.find(charge.paymentId))!;
    await expect(sandbox.capture(providerPaymentId)).rejects.toThrow('requires_action');
    expect(await reported()).toMatchObject([
      { type: 'customer_acted', bookingId: charge.bookingId, dispute: undefined },
    ]);
    expect(await sandbox.authorize(charge)).toEqual({ status: 'authorized', providerPaymentId });
    expect(await sandbox.capture(providerPaymentId)).toEqual({ status: 'captured' });
    expect(await moneyTaken(charge)).toEqual([ADULT_PRICE.amount]);
  });

  test('and who fails is declined', async () => {
    const charge = await asked('pm_sandbox_3ds_failed');
    await reported();
    expect(await sandbox.authorize(charge)).toEqual({
      status: 'declined',
      declineCode: 'payment_intent_authentication_failure',
    });
  });

  test('is too late once the payment was given up', async () => {
    const charge = await asked(ASKS);
    await sandbox.void((await sandbox.find(charge.paymentId))!.providerPaymentId);
    await reported();
    expect(await sandbox.find(charge.paymentId)).toMatchObject({ status: 'voided' });
  });
});

test('a dispute is reported of captured money only, each report until it has arrived', async () => {
  await authorized(chargeOn('pm_sandbox_dispute_won'));
  const charge = chargeOn('pm_sandbox_dispute_won');
  const id = await captured(charge);
  await sandbox.capture(id);
  expect(await reported()).toEqual([]);
  await database.knex('sandbox_provider.reports').update({ due_at: new Date() });
  const away = sendDueReports(database.knex, () => Promise.reject(new Error('nobody is there')));
  await expect(away).rejects.toThrow('nobody is there');
  const disputes = (await reported()).map(({ dispute }) => dispute);
  const dispute = { providerPaymentId: id, ...ADULT_PRICE };
  expect(disputes).toHaveLength(2);
  expect(disputes).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ ...dispute, status: 'open', movement: 'withdrawn' }),
      expect.objectContaining({ ...dispute, status: 'won', movement: 'reinstated' }),
    ]),
  );
  expect(await reported()).toEqual([]);
});

test('each decline code has one card, and operators read it in words', () => {
  const codes = CARDS.flatMap(({ behaviour }) =>
    behaviour.kind === 'declines' ? [behaviour.code] : [],
  );
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(describeDecline(code)).not.toBe(`\`${code}\``);
});

/** What the sandbox has to report by now. */
async function reported(): Promise<SandboxReport[]> {
  const reports: SandboxReport[] = [];
  await sendDueReports(database.knex, (report) => {
    reports.push(report);
    return Promise.resolve();
  });
  return reports;
}

function chargeOn(paymentMethod: string): Charge {
  return {
    paymentId: randomUUID(),
    bookingId: randomUUID(),
    money: ADULT_PRICE,
    paymentMethod,
  };
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
