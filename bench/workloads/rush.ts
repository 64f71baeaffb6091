import { query } from '../../scripts/stack/postgres-cluster';
import { takeSteps } from '../../scripts/stack/steps';
import { closedLoop } from '../drive/closed-loop';
import type { Answer, Customer, Shop } from '../drive/customer';
import { OpenLoop } from '../drive/open-loop';
import { createUntilDecided } from '../drive/persistent';
import { codeOf, faultOf, pay, type Created } from '../drive/requests';
import { latencyRow, Times } from '../drive/times';
import { Visitors } from '../drive/visitors';
import { rounded } from '../report/numbers';
import { withOurs, type Bench } from './bench';
import { step } from './step';
import type { Findings } from './workload';

/** As many seats as a large narrow-body has. */
const SEATS = 180;

/** All customers come within this time. */
const ARRIVAL_SECONDS = 10;

interface Rush {
  sales: Times;
  refusals: Times;
  /** Requests that were refused for now, or accepted without an outcome yet. */
  triedAgain: number;
  paid: number;
  faults: string[];
}

/** The flight that goes on sale: its seats, and what became of them. */
interface Flight {
  id: string;
  seats: number;
}

interface Outcome {
  flight: Flight;
  customers: number;
  /** From the first customer to the last response. */
  seconds: number;
  /** Seats that are not on sale any more. */
  taken: number;
}

/** Thousands of customers for the seats of one flight, all at once. */
export async function rush(bench: Bench): Promise<Findings> {
  return withOurs(bench, {}, async ({ lab, system, shop }) => {
    const { databaseUrl } = lab.cluster;
    const { customers, warmUp } = bench.options;
    const seen: Rush = {
      sales: new Times(),
      refusals: new Times(),
      triedAgain: 0,
      paid: 0,
      faults: [],
    };
    const flight = await chooseFlight(databaseUrl);
    const others = shop.flights.filter((id) => id !== flight.id);
    let seconds = 0;
    let taken = 0;
    await takeSteps([
      step('Warm-up', async () => {
        const load = { clients: 4, warmUpSeconds: 0, seconds: warmUp };
        await closedLoop({ ...shop, flights: others }, load);
        return undefined;
      }),
      step(`${customers} customers for ${flight.seats} seats`, async () => {
        const from = performance.now();
        await letIn(shop, flight, customers, seen);
        seconds = (performance.now() - from) / 1000;
        return `${seen.sales.latency.count} sold, ${seen.refusals.latency.count} refused`;
      }),
      step('Its auditor', async () => {
        taken = await countTaken(databaseUrl, flight);
        seen.faults.push(...(await system.audit(seen.paid)));
        return undefined;
      }),
    ]);
    return findingsOf(seen, { flight, customers, seconds, taken });
  });
}

/** Chooses a flight with about so many seats; nobody has bought on it. */
async function chooseFlight(databaseUrl: string): Promise<Flight> {
  const [flight] = await query<Flight>(
    databaseUrl,
    `SELECT f.id, c.seat_count AS seats FROM flights f
     JOIN flight_cabins c ON c.flight_id = f.id AND c.cabin = 'economy'
     WHERE departure_at > now() + interval '6 hours'
     ORDER BY abs(c.seat_count - ${SEATS}), f.id LIMIT 1`,
  );
  if (flight === undefined) throw new Error('There is no flight to sell.');
  return flight;
}

async function countTaken(databaseUrl: string, { id }: Flight): Promise<number> {
  const [found] = await query<{ taken: number }>(
    databaseUrl,
    `SELECT count(*)::integer AS taken FROM seats
     WHERE flight_id = '${id}' AND cabin = 'economy' AND state <> 'free'`,
  );
  return found?.taken ?? 0;
}

/** Everyone is known before the sale begins, and comes within some seconds. */
async function letIn(shop: Shop, flight: Flight, customers: number, seen: Rush): Promise<void> {
  const visitors = new Visitors(shop);
  const queue = await Promise.all(Array.from({ length: customers }, () => visitors.newcomer()));
  const loop = new OpenLoop();
  const gaps = { seconds: ARRIVAL_SECONDS };
  await loop.run(customers / ARRIVAL_SECONDS, gaps, async () => {
    const customer = queue.pop();
    if (customer !== undefined) await tryToBuy(customer, flight, seen);
  });
  // The arrivals are random: whoever is left comes now.
  await Promise.all(queue.splice(0).map((customer) => tryToBuy(customer, flight, seen)));
  await loop.settle();
  visitors.leave();
}

/** Asks for a seat until that is decided, and pays for it. */
async function tryToBuy(customer: Customer, flight: Flight, seen: Rush): Promise<void> {
  try {
    const { answer, tookMs, earlier } = await createUntilDecided(customer, flight.id);
    seen.triedAgain += earlier;
    if (answer.status === 201) {
      seen.sales.note(tookMs);
      await payFor(customer, answer, seen);
    } else if (codeOf(answer) === '409 seats_unavailable') seen.refusals.note(tookMs);
    else seen.faults.push(`create: ${codeOf(answer)}`);
  } catch (error) {
    seen.faults.push(`create: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function payFor(customer: Customer, { body }: Answer, seen: Rush): Promise<void> {
  const paid = await pay(customer, body as Created).catch(faultOf);
  if (typeof paid !== 'string' && paid.status === 201) seen.paid += 1;
  else seen.faults.push(`pay: ${typeof paid === 'string' ? paid : codeOf(paid)}`);
}

function findingsOf(
  { sales, refusals, triedAgain, paid, faults }: Rush,
  { flight, customers, seconds, taken }: Outcome,
): Findings {
  const [sold, refused] = [sales.latency, refusals.latency];
  return {
    workload: 'rush',
    notes: [
      `${customers} customers came within ${ARRIVAL_SECONDS} s for ${flight.seats} seats of one ` +
        `flight. All were served or refused after ${rounded(seconds, 1)} s. ${triedAgain} ` +
        `requests got 503 or 202 and were sent again with the same key after the time that the ` +
        `response gave. Times are of the request that got the decision. ${paid} paid.`,
    ],
    tables: [
      [
        ['decision', 'customers', 'p50 ms', 'p99', 'slowest'],
        latencyRow('seat reserved', sold),
        latencyRow('sold out', refused),
      ],
    ],
    bars: [
      {
        what: 'p99 of a refusal ÷ p99 of a sale',
        value: refused.p99Ms / sold.p99Ms,
        limit: { atMost: 1 },
      },
      {
        what: 'seats sold twice',
        value: Math.max(0, sold.count - flight.seats),
        limit: { atMost: 0 },
      },
      {
        what: 'seats left although someone was refused',
        value: refused.count > 0 ? flight.seats - taken : 0,
        limit: { atMost: 0 },
      },
    ],
    faults: [...new Set(faults)].map((one) => {
      const times = faults.filter((other) => other === one).length;
      return `${one} (${times})`;
    }),
  };
}
