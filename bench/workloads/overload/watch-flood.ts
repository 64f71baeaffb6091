import type { Series } from '../../report/plots';
import { KINDS, type Flood, type Kind } from './flood';

const INTERVAL_MS = 1_000;

/** Counts from now on what is served and refused in each second. Returns what ends it, with the counts. */
export function watchFlood(flood: Flood): () => Series[] {
  const series = KINDS.flatMap((kind) => [
    counted(flood, kind, 'served'),
    counted(flood, kind, 'refused'),
  ]);
  const from = performance.now();
  const watching = setInterval(() => {
    for (const one of series) one.note((performance.now() - from) / 1_000);
  }, INTERVAL_MS);
  return () => {
    clearInterval(watching);
    return series.map(({ name, group, points }) => ({ name, group, points }));
  };
}

/** A second may take a little longer under such a load: what is noted is a rate. */
function counted(flood: Flood, kind: Kind, how: 'served' | 'refused') {
  const points: Series['points'] = [];
  let [last, lastAt] = [0, 0];
  return {
    name: kind,
    group: `${how} in each second`,
    points,
    note: (seconds: number) => {
      const { count } = flood.replies[kind][how].latency;
      points.push({ seconds, value: (count - last) / (seconds - lastAt) });
      [last, lastAt] = [count, seconds];
    },
  };
}
