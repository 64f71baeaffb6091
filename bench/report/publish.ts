import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ROOT } from '../../scripts/stack/settings';
import type { WorkloadName } from '../workloads/workload';
import { withReport, type Report } from './page';
import { cpuPlot, runPlot, throughputPlot } from './plots';
import { ratiosOf, type Ratios } from './ratios';
import { figuresOfRun, type Results } from './results';
import { barsOf } from './sections';

const PAGE = path.join(ROOT, 'docs/performance.md');
const IMAGES = path.join(ROOT, 'docs/images');
const BASELINE = path.join(ROOT, 'bench/baseline.json');

/** What was published last of a workload. */
interface Published {
  measuredOn: string;
  cpu: string;
  command: string;
  ratios: Ratios;
  bars: Record<string, number>;
}

type Baseline = Partial<Record<WorkloadName, Published>>;

/**
 * Writes a workload's part of the report into the documents, and its ratios as what later runs are
 * compared with. Those of other workloads stay.
 */
export async function publish(report: Report): Promise<void> {
  const { workload, results, machine, command } = report;
  await writeFormatted(PAGE, withReport(readFileSync(PAGE, 'utf8'), report));
  if (workload === 'book') await plot(results);
  for (const { plot: run } of results.findings)
    if (run !== undefined)
      writeFileSync(path.join(IMAGES, `bench-${workload}.svg`), await runPlot(run));
  const bars = barsOf(results).flatMap(({ what, value }) =>
    value === undefined || !Number.isFinite(value) ? [] : [[what, value] as const],
  );
  const published: Published = {
    measuredOn: machine.date,
    cpu: machine.cpu,
    command,
    ratios: ratiosOf(results),
    bars: Object.fromEntries(bars),
  };
  const baseline: Baseline = { ...readPublished(), [workload]: published };
  await writeFormatted(BASELINE, JSON.stringify(baseline));
}

/** Returns the ratios that were published last; none before the first time. */
export function readBaseline(): Ratios {
  const all = Object.values(readPublished()).map(({ ratios }) => ratios);
  return Object.assign({}, ...all) as Ratios;
}

function readPublished(): Baseline {
  return JSON.parse(readFileSync(BASELINE, 'utf8')) as Baseline;
}

async function plot({ runs }: Results): Promise<void> {
  const full = runs.find(({ server }) => server === 'full');
  if (full === undefined) return;
  const all = figuresOfRun(full);
  const clients = mostSystemsAt(all.map((one) => one.clients));
  const figures = all.filter((one) => one.clients === clients);
  mkdirSync(IMAGES, { recursive: true });
  writeFileSync(path.join(IMAGES, 'bench-throughput.svg'), await throughputPlot(figures));
  writeFileSync(path.join(IMAGES, 'bench-cpu.svg'), await cpuPlot(figures));
}

/** The number of clients that most systems were measured with. */
function mostSystemsAt(clients: readonly number[]): number | undefined {
  const count = (wanted: number) => clients.filter((one) => one === wanted).length;
  return [...clients].sort((a, b) => count(b) - count(a))[0];
}

async function writeFormatted(file: string, text: string): Promise<void> {
  const style = (await resolveConfig(file)) ?? {};
  writeFileSync(file, await format(text, { ...style, filepath: file }));
}
