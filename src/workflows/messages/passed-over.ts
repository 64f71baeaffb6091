import { log, setDefaultSignalHandler } from '@temporalio/workflow';
import { Unreadable } from '../../temporal/unreadable';
import type { Timeline } from '../shared/timeline';

/**
 * Says that a signal is passed over, and why, without a word of what it holds or is called: both
 * are its sender's.
 */
export function notePassedOver(timeline: Timeline, what: string, times = 1): void {
  const soFar = timeline.count(`${what}: passed over.`, times);
  // Whoever sends thousands fills neither log nor timeline. It is an error: it may have told of
  // money that is now on no record.
  if (hasOneDigitMore(soFar - times, soFar)) log.error(`${what}: passed over, ${soFar} so far`);
}

/**
 * Passes over signals of names that the workflow doesn't know, which the SDK would keep in case a
 * handler came. To be called when all handlers are set, since it takes whatever is left.
 */
export function passOverUnknownSignals(timeline: Timeline): void {
  setDefaultSignalHandler((_name, ...args) => {
    notePassedOver(timeline, 'A signal of an unknown name', findUnreadable(args)?.times);
  });
}

/** Which argument, if any, could not be decoded. */
export function findUnreadable(args: readonly unknown[]): Unreadable | undefined {
  return args.find((arg) => arg instanceof Unreadable);
}

/** The first, then where a power of ten is reached. */
function hasOneDigitMore(before: number, now: number): boolean {
  return before === 0 || String(now).length > String(before).length;
}
