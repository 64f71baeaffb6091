import type { Results } from '../report/results';
import type { Bench } from './bench';
import { book, clients } from './book';
import { claims } from './claims';
import { disrupt } from './disrupt/disrupt';
import { expiry } from './expiry/expiry';
import { half } from './half';
import { itineraries } from './itineraries';
import { openBookings } from './open-bookings';
import { openHolds } from './open-holds';
import { overload } from './overload/overload';
import { processes } from './processes';
import { rush } from './rush';
import { soak } from './soak/soak';
import { webhooks } from './webhooks';
import type { WorkloadName } from './workload';

/** Carries out one workload, and adds what it found. */
export async function runWorkload(
  name: WorkloadName,
  bench: Bench,
  results: Results,
): Promise<void> {
  switch (name) {
    case 'book':
      for (const server of bench.options.servers) results.runs.push(await book(bench, server));
      return;
    case 'clients':
      results.runs.push(await clients(bench));
      return;
    case 'claims':
      results.claims.push(...(await claims(bench)));
      return;
    case 'overload':
      results.findings.push(await overload(bench));
      return;
    case 'half':
      results.findings.push(await half(bench));
      return;
    case 'soak':
      results.findings.push(await soak(bench));
      return;
    case 'rush':
      results.findings.push(await rush(bench));
      return;
    case 'expiry':
      results.findings.push(await expiry(bench));
      return;
    case 'holds':
      results.findings.push(await openHolds(bench));
      return;
    case 'processes':
      results.findings.push(await processes(bench));
      return;
    case 'itineraries':
      results.findings.push(await itineraries(bench));
      return;
    case 'webhooks':
      results.findings.push(await webhooks(bench));
      return;
    case 'disrupt':
      results.findings.push(await disrupt(bench));
      return;
    case 'open':
      results.findings.push(await openBookings(bench));
      return;
    default:
      throw new Error(`Bug: ${String(name satisfies never)} is no workload`);
  }
}
