import type { Client } from '@temporalio/client';
import { BOOKING_WORKFLOW } from '../../temporal/contracts/booking';
import { BookingStatusAttribute } from '../../temporal/contracts/search-attributes';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** Ages, in milliseconds, between which workflows are sampled: each release began some of them. */
const AGES_MS = [0, HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS, Infinity];

const IS_BOOKING = `WorkflowType = '${BOOKING_WORKFLOW}'`;
const STATUS = BookingStatusAttribute.name;

/** What running workflows do next: each kind takes other paths from where it stands. */
const KINDS = [
  `${IS_BOOKING} AND (${STATUS} IS NULL OR ${STATUS} IN ('initiated', 'pending'))`,
  `${IS_BOOKING} AND ${STATUS} = 'booked'`,
  `${IS_BOOKING} AND ${STATUS} = 'cancelled'`,
  `WorkflowType != '${BOOKING_WORKFLOW}'`,
];

/**
 * Returns the queries that split the workflows of a query by kind and age. Together they find each
 * workflow once.
 */
export function byKindAndAge(query: string, now: Date): string[] {
  const at = (ageMs: number) => new Date(now.getTime() - ageMs).toISOString();
  return KINDS.flatMap((kind) =>
    AGES_MS.slice(1).map((olderMs, index) => {
      const youngerMs = AGES_MS[index] ?? 0;
      const ages = [
        ...(youngerMs === 0 ? [] : [`StartTime <= '${at(youngerMs)}'`]),
        ...(olderMs === Infinity ? [] : [`StartTime > '${at(olderMs)}'`]),
      ];
      return [query, `(${kind})`, ...ages].join(' AND ');
    }),
  );
}

/** Fetches the histories of the latest workflows of each query, `atMost` of each. */
export async function* fetchSample(
  { workflow }: Pick<Client, 'workflow'>,
  queries: string[],
  atMost: number,
) {
  for (const query of queries) {
    let left = atMost;
    for await (const { workflowId, runId } of workflow.list({ query, pageSize: atMost })) {
      if (left === 0) break;
      left -= 1;
      yield { workflowId, history: await workflow.getHandle(workflowId, runId).fetchHistory() };
    }
  }
}
