import { Listr, PRESET_TIMER, type ListrTask } from 'listr2';
import type { Shop } from '../drive/customer';
import { measure, type Instruments, type Load, type Measurement } from '../measure/measure';
import { rounded } from '../report/numbers';
import type { Run } from '../report/results';
import type { System } from '../systems/system';

interface Plan extends Pick<Run, 'workload' | 'server'> {
  systems: readonly System[];
  /** What all of them sell, and to whom. */
  goods: Pick<Shop, 'tokens' | 'flights'>;
  instruments: Instruments;
  rounds: number;
  /** Numbers of customers at once; each is measured by itself. */
  clients: readonly number[];
  load: Omit<Load, 'clients'>;
}

/**
 * Measures every system once in each round, in an order that moves on from round to round: whatever
 * else the machine does meanwhile, and whatever grows, meets all of them alike. After each its
 * auditor looks at the books.
 */
export async function runRounds(plan: Plan): Promise<Run> {
  const { workload, server } = plan;
  const results: Run = { workload, server, measurements: [], violations: [] };
  const sold = new Map<System, number>();
  const turns = plan.clients.flatMap((clients) =>
    plan.systems.map((system) => ({ system, clients })),
  );
  const tasks = Array.from({ length: plan.rounds }, (_, round) =>
    rotated(turns, round).map(({ system, clients }): ListrTask => {
      const title = `Round ${round + 1} of ${plan.rounds}: ${system.name}, ${clients} clients`;
      return {
        title,
        task: async (_context, task) => {
          const { measurement, sold: more } = await measure(
            system,
            { ...plan.goods, apiUrls: system.apiUrls },
            plan.instruments,
            { ...plan.load, clients },
          );
          results.measurements.push(measurement);
          task.output = 'its auditor';
          sold.set(system, (sold.get(system) ?? 0) + more);
          const found = await system.audit(sold.get(system) ?? 0);
          results.violations.push(...found.map((violation) => `${system.name}: ${violation}`));
          task.title = `${title}: ${inShort(measurement)}${found.length > 0 ? ', its books are wrong' : ''}`;
        },
      };
    }),
  ).flat();
  await new Listr(tasks, {
    registerSignalListeners: false,
    rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  }).run();
  return results;
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function inShort({ bookings, seconds, errors }: Measurement): string {
  const failed = Object.values(errors).reduce((sum, count) => sum + count, 0);
  return `${rounded(bookings / seconds, 1)} bookings/s${failed > 0 ? `, ${failed} errors` : ''}`;
}
