import type { Payload } from '@temporalio/common';

/**
 * Replaces an argument that could not be decoded in a workflow.
 *
 * `may_be_read_later`: another worker may have the key or the codec for it. `never`: the bytes
 * don't match their encoding, whichever worker reads them.
 */
export class Unreadable {
  constructor(
    readonly prospect: 'may_be_read_later' | 'never',
    /** What is known of it. Shows nothing of the content. */
    readonly detail: string,
    /** How many signals it stands for. */
    readonly times = 1,
  ) {}
}

/**
 * How many signals a payload stands for, itself included. Keyed by identity, so that no sender can
 * set it.
 */
const times = new WeakMap<Payload, number>();

/** Counts one more signal for an unreadable payload. */
export function countWithIt(payload: Payload): void {
  times.set(payload, timesOf(payload) + 1);
}

export function timesOf(payload: Payload): number {
  return times.get(payload) ?? 1;
}
