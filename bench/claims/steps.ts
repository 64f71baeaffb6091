import type { ListrTask } from 'listr2';
import { measureClaims } from './claims';
import type { ClaimLoad, ClaimRate } from './market';

interface ClaimPlan {
  serverUrl: string;
  flights: readonly string[];
  load: ClaimLoad;
  /** Where the rates are put. */
  rates: ClaimRate[];
}

/** A step for each round of claims. */
export function claimSteps(rounds: number, plan: ClaimPlan): ListrTask[] {
  return Array.from({ length: rounds }, (_, round) => ({
    title: `Claims, round ${round + 1} of ${rounds}`,
    task: async (_context, task) => {
      for await (const rate of measureClaims(plan.serverUrl, plan.flights, plan.load)) {
        plan.rates.push(rate);
        const flights = rate.market === 'hot' ? 'one flight' : 'many flights';
        task.output = `${rate.by}, ${flights}: ${Math.round(rate.perSecond)} ${rate.unit}s/s`;
      }
    },
  }));
}
