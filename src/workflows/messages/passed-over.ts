import { log, setDefaultSignalHandler } from '@temporalio/workflow';
import type { Timeline } from '../shared/timeline';

/** Says that a signal is passed over, and why, without a word of what it holds or is called: both are its sender's. */
export function notePassedOver(timeline: Timeline, what: string): void {
  const times = timeline.count(`${what}: passed over.`);
  // Whoever sends thousands fills neither log nor timeline. It is an error: it may have told of money that is now on no record.
  if (isPowerOfTen(times)) log.error(`${what}: passed over, ${times} so far`);
}

/**
 * Passes over signals of names that the workflow doesn't know, which the SDK would keep in case a handler came. To be called when all
 * handlers are set, since it takes whatever is left.
 */
export function passOverUnknownSignals(timeline: Timeline): void {
  setDefaultSignalHandler(() => {
    notePassedOver(timeline, 'A signal of an unknown name');
  });
}

function isPowerOfTen(count: number): boolean {
  return /^10*$/.test(String(count));
}
