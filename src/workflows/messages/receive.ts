import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { setHandler } from '@temporalio/workflow';
import { SIGNALS } from '../../temporal/contracts/external-payment';
import type { Unreadable } from '../../temporal/contracts/unreadable';
import type { Timeline } from '../shared/timeline';
import { findUnreadable, notePassedOver } from './passed-over';
import { refuse } from './refuse';
import { SignalReadings } from './signal-readings';

/**
 * How workflows take messages. Anyone who can reach Temporal may send any bytes under any name.
 * Handlers set here get only arguments that could be decoded, and as many as they take.
 */

interface SignalReception<Args extends unknown[]> {
  /** How many arguments it takes. */
  takes: number;
  description: string;
  timeline: Timeline;
  /**
   * Whether the arguments have the shape that their type promises. Without it any shape is
   * accepted.
   */
  accepts?: (...args: unknown[]) => boolean;
  handle: (...args: Args) => void | Promise<void>;
}

/**
 * Sets the handler of a signal. A signal that can't be decoded, or has the wrong shape, is noted
 * and passed over. One that takes nothing has nothing to read: what comes with it is ignored, so
 * that a flood of them, good and bad in turn, leaves no record of each turn.
 */
export function receiveSignal<Args extends unknown[]>(
  signal: SignalDefinition<Args>,
  { takes, description, timeline, accepts, handle }: SignalReception<Args>,
): void {
  if (!SIGNALS.includes(signal.name)) throw new Error(`Bug: ${signal.name} would be passed over`);
  const readings = new SignalReadings(signal.name);
  const receive = (...args: unknown[]): void | Promise<void> => {
    const unreadable = findUnreadable(args);
    const isReadable = takes === 0 || (unreadable === undefined && args.length <= takes);
    if (!readings.isTaken(isReadable, unreadable?.times)) {
      notePassedOver(timeline, `A signal ${signal.name} that can't be read`, unreadable?.times);
    } else if (unreadable !== undefined && takes > 0) {
      throw waitForReader(signal.name, unreadable);
    } else if (accepts?.(...args) === false) {
      notePassedOver(timeline, `A signal ${signal.name} of the wrong shape`);
    } else {
      return handle(...(args as Args));
    }
  };
  setHandler(signal, receive as (...args: Args) => void | Promise<void>, { description });
}

interface UpdateReception<Result, Args extends unknown[]> {
  /** How many arguments it takes. */
  takes: number;
  description: string;
  /** Refuses arguments that don't fit. Called only if they could be decoded. */
  validator?: (...args: Args) => void;
  handle: (...args: Args) => Result | Promise<Result>;
}

/**
 * Sets the handler of an update. An update that can't be decoded is rejected with
 * `validation_failed`, and leaves no event in the history.
 */
export function receiveUpdate<Result, Args extends unknown[]>(
  update: UpdateDefinition<Result, Args>,
  { takes, description, validator, handle }: UpdateReception<Result, Args>,
): void {
  setHandler(
    update,
    (...args: Args) => {
      const unreadable = findUnreadable(args.slice(0, takes));
      if (unreadable !== undefined) throw waitForReader(update.name, unreadable);
      return handle(...args);
    },
    {
      description,
      validator: (...args: Args) => {
        requireReadable(update.name, takes, args);
        validator?.(...args);
      },
    },
  );
}

/** @throws ApplicationFailure `validation_failed`, saying what is wrong with the bytes. */
function requireReadable(update: string, takes: number, args: unknown[]): void {
  const unreadable = findUnreadable(args);
  if (unreadable !== undefined)
    refuse('validation_failed', `The argument of ${update} can't be read. ${unreadable.detail}`);
  if (args.length > takes) {
    const arity = takes === 0 ? 'no argument' : 'one argument';
    refuse('validation_failed', `${update} takes ${arity}.`);
  }
}

/**
 * Returns a plain error for a message that was accepted by a worker that could read it, and is
 * replayed by one that can't. It fails the workflow task, which is retried until a worker has the
 * key.
 */
export function waitForReader(message: string, { detail }: Unreadable): Error {
  return new Error(`The argument of ${message} can't be read yet. ${detail}`);
}
