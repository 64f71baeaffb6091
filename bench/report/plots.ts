import type { TopLevelSpec } from 'vega-lite';
import type { Figures } from './figures';
import { rounded, spreadOf } from './numbers';

const FONT = 'Helvetica, Arial, sans-serif';

/** Bookings a second of each system, with the range of the rounds; the axis is logarithmic. */
export function throughputPlot(figures: readonly Figures[]): Promise<string> {
  const values = figures.map(({ system, bookingsPerSecond: { median, least, most } }) => ({
    system,
    median,
    least,
    most,
    label: rounded(median, 1),
  }));
  const y = { field: 'system', type: 'nominal', sort: null, title: null } as const;
  const scale = { type: 'log' } as const;
  return render({
    data: { values },
    width: 560,
    height: { step: 30 },
    layer: [
      {
        mark: { type: 'point', filled: true, size: 90 },
        encoding: {
          x: { field: 'median', type: 'quantitative', scale, title: 'bookings/s (log scale)' },
          y,
        },
      },
      {
        mark: { type: 'rule' },
        encoding: {
          x: { field: 'least', type: 'quantitative', scale },
          x2: { field: 'most' },
          y,
        },
      },
      {
        mark: { type: 'text', dy: -11 },
        encoding: {
          x: { field: 'median', type: 'quantitative', scale },
          y,
          text: { field: 'label' },
        },
      },
    ],
  });
}

/** CPU milliseconds per booking of each system, by process. */
export function cpuPlot(figures: readonly Figures[]): Promise<string> {
  const values = figures.flatMap(({ system, cpuMsByPart }) =>
    Object.entries(cpuMsByPart).map(([part, { median }]) => ({ system, part, ms: median })),
  );
  return render({
    data: { values },
    width: 560,
    height: { step: 26 },
    mark: 'bar',
    encoding: {
      x: { field: 'ms', type: 'quantitative', title: 'CPU ms per booking' },
      y: { field: 'system', type: 'nominal', sort: null, title: null },
      color: { field: 'part', type: 'nominal', sort: null, title: null },
    },
  });
}

/** A figure of a run, as it went. */
export interface Series {
  name: string;
  group: string;
  points: { seconds: number; value: number }[];
}

/** Figures of a run. */
export interface Plot {
  /** `relative`: as a multiple of its median of the last two thirds, so that what is flat is at 1. */
  scale: 'relative' | 'absolute';
  series: Series[];
}

/** A panel for each group of figures, one below another. */
export function runPlot({ scale, series }: Plot): Promise<string> {
  const isRelative = scale === 'relative';
  const groups = [...new Set(series.map(({ group }) => group))];
  return render({
    vconcat: groups.map((wanted) => ({
      title: wanted,
      data: {
        values: series
          .filter(({ group }) => group === wanted)
          .flatMap(({ name, points }) =>
            (isRelative ? relative(points) : points).map(({ seconds, value }) => ({
              name,
              time: isRelative ? seconds / 60 : seconds,
              value,
            })),
          ),
      },
      width: 560,
      height: 150,
      mark: { type: 'line', strokeWidth: 1.5 } as const,
      encoding: {
        x: { field: 'time', type: 'quantitative', title: isRelative ? 'minutes' : 'seconds' },
        y: {
          field: 'value',
          type: 'quantitative',
          title: isRelative ? '÷ its median' : null,
          scale: { domainMin: 0 },
        },
        color: { field: 'name', type: 'nominal', sort: null, title: null },
      } as const,
    })),
    resolve: { scale: { color: 'independent' } },
  });
}

function relative(points: Series['points']): Series['points'] {
  const judged = points.slice(Math.floor(points.length / 3)).map(({ value }) => value);
  const median = spreadOf(judged)?.median ?? 1;
  return points.map(({ seconds, value }) => ({
    seconds,
    value: median === 0 ? value : value / median,
  }));
}

/** They are ES modules, and needed for a published report only. */
async function render(spec: TopLevelSpec): Promise<string> {
  const [{ compile }, { parse, View }] = await Promise.all([import('vega-lite'), import('vega')]);
  const { spec: compiled } = compile({
    ...spec,
    config: { font: FONT, legend: { labelLimit: 0 } },
  });
  return await new View(parse(compiled), { renderer: 'none' }).toSVG();
}
