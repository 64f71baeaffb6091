import { DATABASE } from '../../scripts/stack/postgres-cluster';
import { takeSteps } from '../../scripts/stack/steps';
import { keepTemplate } from '../claims/claims';
import type { ClaimRate } from '../claims/market';
import { claimSteps } from '../claims/steps';
import { onLab, type Bench } from './bench';

/** Reservations and sales in SQL alone, by our code and by pgbench, each in a fresh copy of our database. */
export async function claims(bench: Bench): Promise<ClaimRate[]> {
  return onLab(bench, { withTemporal: false }, async (lab) => {
    const { claimRounds, claimClients: clients, claimSeconds: seconds } = bench.options;
    const rates: ClaimRate[] = [];
    await keepTemplate(lab.postgresUrl, DATABASE);
    const load = { clients, seconds, folder: lab.cluster.settings.runDir };
    const plan = { serverUrl: lab.postgresUrl, flights: lab.flights, load, rates };
    await takeSteps(claimSteps(claimRounds, plan));
    return rates;
  });
}
