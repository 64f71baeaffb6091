import type { Purchases } from '../../drive/purchases';
import { rounded } from '../../report/numbers';
import type { Findings } from '../workload';
import { GAUGES, type Gauge, type Sample } from './gauges';
import { trendOf, type Point, type Trend } from './trend';

export interface Sampled {
  seconds: number;
  sample: Sample;
}

interface Soaked {
  peak: number;
  rate: number;
  minutes: number;
  purchases: Purchases;
  sampled: readonly Sampled[];
  faults: string[];
}

/** Caches fill and pools open in this part of a run, which is not judged. */
const WARM_UP = 1 / 3;

export function findingsOf({ peak, rate, minutes, purchases, ...soaked }: Soaked): Findings {
  const { sampled, faults } = soaked;
  const warmUpSeconds = (sampled.at(-1)?.seconds ?? 0) * WARM_UP;
  const judged = sampled.filter(({ seconds }) => seconds >= warmUpSeconds);
  const trends = GAUGES.map((gauge) => ({ gauge, trend: trendOf(pointsOf(judged, gauge)) }));
  const [create, pay] = [purchases.create.served.latency, purchases.pay.served.latency];
  return {
    workload: 'soak',
    notes: [
      `The peak was ${rounded(peak, 1)} purchases a second. ${rounded(rate, 1)} a second came for ` +
        `${minutes} minutes, and ${purchases.sold} were sold: create p50 ${rounded(create.p50Ms, 1)} ms, ` +
        `p99 ${rounded(create.p99Ms, 1)} ms; pay p50 ${rounded(pay.p50Ms, 1)} ms, p99 ` +
        `${rounded(pay.p99Ms, 1)} ms. The first ${Math.round(warmUpSeconds)} s are not judged.`,
    ],
    tables: [trendTable(trends)],
    bars: trends.map(({ gauge, trend }) => ({
      what: `${gauge.name}: ${gauge.judged}`,
      value: trend?.[gauge.judged],
      limit: { atMost: gauge.atMost },
    })),
    plot: {
      scale: 'relative',
      series: GAUGES.map((gauge) => ({
        name: gauge.name,
        group: gauge.group,
        points: pointsOf(sampled, gauge),
      })),
    },
    faults,
  };
}

function pointsOf(sampled: readonly Sampled[], { name }: Gauge): Point[] {
  return sampled.flatMap(({ seconds, sample }) => {
    const value = sample[name];
    return value === undefined || !Number.isFinite(value) ? [] : [{ seconds, value }];
  });
}

function trendTable(trends: readonly { gauge: Gauge; trend: Trend | undefined }[]) {
  return [
    ['', 'median', 'growth in the run, %', 'in an hour, %'],
    ...trends.map(({ gauge: { name, unit }, trend }) => [
      unit === '' ? name : `${name}, ${unit}`,
      ...[trend?.median, (trend?.growth ?? NaN) * 100, (trend?.growthPerHour ?? NaN) * 100].map(
        (value) => rounded(value ?? NaN, 1),
      ),
    ]),
  ];
}
