import { PROBED, type ProbeLine } from '../history/format';
import type { Operation } from '../history/read';
import type { Check } from './finding';
import { isApart, stretchesOf, type Area } from './troubles';

/**
 * Nothing fails by itself, no probe either (docs/reliability.md, "How each failure is survived"): where no fault is
 * at work, and what one broke is back, every request is answered, and with no 5xx but a 503 that
 * says when to come again. An `internal` error, 500, has no place even in a storm.
 */
export const checkAvailability: Check = ({ run, operations, probes }, { troubles }) => {
  const stretches = stretchesOf(troubles, REQUESTS_NEED);
  return [
    ...operations.flatMap((operation) => {
      const isQuiet = isApart({ from: operation.sentAt, to: operation.endedAt }, stretches);
      const what = faultOf(operation, isQuiet);
      return what === undefined ? [] : [{ what, operations: [operation.id] }];
    }),
    ...probes.flatMap(({ endpoint, ok, status, at, milliseconds }) => {
      const isQuiet = isApart({ from: at - milliseconds, to: at }, stretches);
      if (ok || !isQuiet || at > run.healedAt) return [];
      const got = status ?? `no answer in ${(milliseconds / 1000).toFixed(1)} s`;
      const when = `${(at / 1000).toFixed(1)} s after the beginning`;
      return [
        { what: `A probe of ${endpoint} got ${got}, ${when}, without a fault`, operations: [] },
      ];
    }),
  ];
};

/** No request waits for a receiver or the mail server. */
export const REQUESTS_NEED: readonly Area[] = ['core', 'api', 'provider'];

function faultOf(operation: Operation, isQuiet: boolean): string | undefined {
  const { kind, response } = operation;
  if (response === undefined)
    return isQuiet && !hasGivenUp(operation)
      ? `A ${kind} got no answer, without a fault`
      : undefined;
  const { status, headers } = response;
  if (status < 500) return undefined;
  if (status === 500) return `A ${kind} got 500`;
  if (status === 503 && headers['retry-after'] !== undefined) return undefined;
  return status === 503 || isQuiet ? `A ${kind} got ${status} without Retry-After` : undefined;
}

/** The API answers within 10 s (docs/api.md), and a slow machine sends that a little later. */
const ANSWERS_WITHIN_MS = 12_000;

/** A client that did not wait so long, or whose signal came too late for its workflow. */
function hasGivenUp({ request, error = '', sentAt, endedAt }: Operation): boolean {
  const isImpatient = /abort|time/i.test(error) && endedAt - sentAt < ANSWERS_WITHIN_MS;
  return isImpatient || request.method === 'SIGNAL';
}

/** How long an endpoint was away, in all and at once, in milliseconds. */
export interface Unavailability {
  endpoint: string;
  probes: number;
  failed: number;
  totalMs: number;
  longestMs: number;
}

/** An endpoint is away from the first probe that fails until the next one that doesn't. */
export function unavailabilityOf(probes: ProbeLine[]): Unavailability[] {
  return PROBED.map((endpoint) => {
    const own = probes.filter((probe) => probe.endpoint === endpoint).sort((a, b) => a.at - b.at);
    const windows: number[] = [];
    let since: number | undefined;
    for (const { ok, at, milliseconds } of own) {
      if (!ok) since ??= at - milliseconds;
      if (!ok || since === undefined) continue;
      windows.push(at - since);
      since = undefined;
    }
    const end = own.at(-1)?.at ?? 0;
    if (since !== undefined) windows.push(end - since);
    return {
      endpoint,
      probes: own.length,
      failed: own.filter(({ ok }) => !ok).length,
      totalMs: windows.reduce((total, window) => total + window, 0),
      longestMs: Math.max(0, ...windows),
    };
  });
}
