import type { Payload } from '@temporalio/common';

/**
 * Stands in a workflow for an argument that could not be decoded.
 *
 * `may_be_read_later`: another worker may have the key or the codec for it. `never`: the bytes are
 * not what their encoding says, whoever reads them.
 */
export class Unreadable {
  constructor(
    readonly prospect: 'may_be_read_later' | 'never',
    /** What is known of it. Holds nothing of the content. */
    readonly detail: string,
    /** How many signals it stands for. */
    readonly times = 1,
  ) {}
}

/**
 * How many signals a payload stands for, itself included. By identity: nobody outside can say so.
 */
const times = new WeakMap<Payload, number>();

/** Has an unreadable payload stand for one signal more. */
export function countWithIt(payload: Payload): void {
  times.set(payload, timesOf(payload) + 1);
}

export function timesOf(payload: Payload): number {
  return times.get(payload) ?? 1;
}
