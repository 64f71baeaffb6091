import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ROOT } from '../../scripts/stack/settings';
import { withReport, type Report } from './page';
import { cpuPlot, throughputPlot } from './plots';
import type { Ratios } from './ratios';
import { figuresOfRun } from './results';

const PAGE = path.join(ROOT, 'docs/performance.md');
const IMAGES = path.join(ROOT, 'docs/images');
const BASELINE = path.join(ROOT, 'bench/baseline.json');

/** Writes the report into the documents, and its ratios as what later runs are compared with. */
export async function publish(report: Report): Promise<void> {
  await writeFormatted(PAGE, withReport(readFileSync(PAGE, 'utf8'), report));
  const full = report.results.runs.find(({ server }) => server === 'full');
  if (full !== undefined) {
    const all = figuresOfRun(full);
    const clients = mostSystemsAt(all.map((one) => one.clients));
    const figures = all.filter((one) => one.clients === clients);
    mkdirSync(IMAGES, { recursive: true });
    writeFileSync(path.join(IMAGES, 'bench-throughput.svg'), await throughputPlot(figures));
    writeFileSync(path.join(IMAGES, 'bench-cpu.svg'), await cpuPlot(figures));
  }
  const { machine, command, ratios } = report;
  const baseline = { measuredOn: machine.date, cpu: machine.cpu, command, ratios };
  await writeFormatted(BASELINE, JSON.stringify(baseline));
}

/** Returns the ratios that were published last; none before the first time. */
export function readBaseline(): Ratios {
  return (JSON.parse(readFileSync(BASELINE, 'utf8')) as { ratios: Ratios }).ratios;
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
