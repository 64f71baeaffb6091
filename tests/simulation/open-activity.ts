import type { Payload } from '@temporalio/common';
import { valueOf } from './workflow-run';

/** An activity that a workflow has asked for, and that has not ended. */
export interface OpenActivity {
  seq: number;
  name: string;
  args: never[];
  giveUpAt: number;
  attempts: number;
  maxAttempts: number;
  /** The longest pause between two attempts, in milliseconds. */
  maxPauseMs: number;
  isRunning: boolean;
  isCancelled: boolean;
  isDone: boolean;
}

/** A policy without one has the server's. */
const DEFAULT_MAX_PAUSE_MS = 100_000;

export function activityOf(command: Record<string, unknown>, now: number): OpenActivity {
  const limitMs = msOf(command.scheduleToCloseTimeout as Duration);
  const { maximumAttempts = 0, maximumInterval } = (command.retryPolicy ?? {}) as {
    maximumAttempts?: number;
    maximumInterval?: Duration;
  };
  return {
    seq: command.seq as number,
    name: command.activityType as string,
    args: ((command.arguments ?? []) as Payload[]).map(valueOf) as never[],
    giveUpAt: limitMs === 0 ? Infinity : now + limitMs,
    attempts: 0,
    maxAttempts: maximumAttempts === 0 ? Infinity : maximumAttempts,
    maxPauseMs: msOf(maximumInterval) || DEFAULT_MAX_PAUSE_MS,
    isRunning: false,
    isCancelled: false,
    isDone: false,
  };
}

export type Duration =
  { seconds?: { toNumber?: () => number } | number; nanos?: number } | null | undefined;

/** Returns 0 where there is none. */
export function msOf(duration: Duration): number {
  if (duration === undefined || duration === null) return 0;
  const { seconds = 0, nanos = 0 } = duration;
  const whole = typeof seconds === 'number' ? seconds : (seconds.toNumber?.() ?? 0);
  return whole * 1_000 + nanos / 1e6;
}
