import { log, setDefaultSignalHandler } from '@temporalio/workflow';
import { Unreadable } from '../../temporal/contracts/unreadable';
import type { Timeline } from '../shared/timeline';

/**
 * Notes that a signal was passed over, and why. Never shows its content or name: both are chosen by
 * its sender.
 */
export function notePassedOver(timeline: Timeline, what: string, times = 1): void {
  const soFar = timeline.count(`${what}: passed over.`, times);
  // A sender of thousands must fill neither the log nor the timeline. It is logged as an error: the
  // signal may have reported money that is now on no record.
  if (hasOneDigitMore(soFar - times, soFar)) log.error(`${what}: passed over, ${soFar} so far`);
}

/**
 * Passes over signals with names that the workflow doesn't know, which the SDK would buffer until a
 * handler is set. To be called when all handlers are set, since it takes all that are left.
 */
export function passOverUnknownSignals(timeline: Timeline): void {
  setDefaultSignalHandler((_name, ...args) => {
    notePassedOver(timeline, 'A signal of an unknown name', findUnreadable(args)?.times);
  });
}

/** Returns the first argument that could not be decoded, if any. */
export function findUnreadable(args: readonly unknown[]): Unreadable | undefined {
  return args.find((arg) => arg instanceof Unreadable);
}

/** Whether the count has reached a new power of ten; true for the first. */
function hasOneDigitMore(before: number, now: number): boolean {
  return before === 0 || String(now).length > String(before).length;
}
