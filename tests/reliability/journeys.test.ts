import fc from 'fast-check';
import { paymentUpdated } from '../../src/temporal/contracts/booking';
import { openStorefront, type Storefront } from '../support/api';
import { ASKING_CARD } from '../support/provider';
import { STARTING_MS } from '../support/shop';
import { journeySequences } from './journey-commands';
import { runJourney, type JourneyShop } from './journey-model';
import { networksOf } from './network';
import { auditWhenSettled } from './settled-audit';

/**
 * Customers who book journeys and change them, while the airline cancels and moves the flights, in
 * any order and at once. Cards' banks ask some of them first.
 *
 * JOURNEYS says how many of them there are, SEED repeats the commands of an earlier run; both are
 * printed.
 */
const AT_ONCE = 16;
const JOURNEYS = Number(process.env.JOURNEYS ?? '32');
const SEED = Number(process.env.SEED ?? String(Date.now() % 1_000_000));

let store: Storefront;
let shop: JourneyShop;

beforeAll(async () => {
  store = await openStorefront();
  const cards = {
    visa: 'pm_card_visa',
    declined: 'pm_card_chargeDeclined',
    error: 'pm_sandbox_error',
    asking: ASKING_CARD,
  };
  shop = {
    db: store.db,
    cards,
    network: networksOf(store.db),
    customer: () => store.customer(),
    operator: () => store.operator(),
    confirm: async ({ workflowId }, paymentId) => {
      store.provider.confirm(paymentId);
      await store.env.client.workflow.getHandle(workflowId).signal(paymentUpdated);
    },
    crash: () => undefined,
  };
}, STARTING_MS);

afterAll(() => store.close(), STARTING_MS);

test(
  `of ${JOURNEYS} journeys, changed and disrupted in any order, each ends with its seats and exactly its money`,
  async () => {
    const sequences = fc.sample(journeySequences, { numRuns: JOURNEYS, seed: SEED });
    const endings: Record<string, number> = {};
    let next = 0;
    const serve = async () => {
      for (let number = next++; number < sequences.length; number = next++) {
        const sequence = sequences[number];
        if (sequence === undefined) return;
        const ending = await runJourney(shop, sequence).catch((cause: unknown) => {
          next = sequences.length;
          const what = `SEED=${SEED} JOURNEYS=${JOURNEYS}, ${JSON.stringify(sequence)}`;
          throw new Error(`${what}: ${String(cause)}`, { cause });
        });
        endings[ending] = (endings[ending] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, serve));
    console.log(`SEED=${SEED} JOURNEYS=${JOURNEYS}:`, endings);
    expect(await auditWhenSettled(store.db, store.env.client, 5_000)).toEqual([]);
  },
  60_000 + JOURNEYS * 3_000,
);
