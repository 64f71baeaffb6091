import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import { buildGoProgram } from '../../support/tools';
import type { History } from '../history/read';
import type { Finding } from './finding';
import { stepsOfSeats, type SeatSteps } from './seat-steps';
import type { Story } from './story';

const Verdicts = z.object({
  seats: z.array(
    z.object({
      seat: z.string(),
      verdict: z.enum(['ok', 'illegal', 'unknown']),
      unplaced: z.array(z.string()),
      picture: z.string().optional(),
    }),
  ),
});

export interface OwnershipOptions {
  /** For all seats together. */
  timeoutSeconds: number;
  /** Where a picture of each seat's bad history goes; none are made where it is left out. */
  pictures?: string;
}

/**
 * A seat's ownership is linearizable: there is an order of all that was done to the seat and seen of
 * it, each at some moment between request and response, in which it has one owner at a time
 * (docs/faults-model.md has the model; docs/reliability.md the promise: no seat is sold twice). The
 * search for that order is porcupine's (https://github.com/anishathalye/porcupine).
 *
 * A seat on which it finds no verdict in time is a finding, too.
 *
 * @throws Error when the program can't be built or fails.
 */
export function checkSeatOwnership(
  history: History,
  story: Story,
  options: OwnershipOptions,
): Omit<Finding, 'check'>[] {
  const verdicts = decide(stepsOfSeats(history, story), options);
  return verdicts.seats.flatMap(({ seat, verdict, unplaced, picture }) => {
    switch (verdict) {
      case 'ok':
        return [];
      case 'unknown':
        return [{ what: `Seat ${seat}: no verdict in time`, operations: [] }];
      case 'illegal': {
        const shown = picture === undefined ? '' : `; ${path.basename(picture)} shows them`;
        const what = `Seat ${seat} has no order of claims, releases and reads in which it has one owner at a time${shown}`;
        return [{ what, operations: unplaced }];
      }
    }
  });
}

function decide(steps: SeatSteps, { timeoutSeconds, pictures = '' }: OwnershipOptions) {
  const program = buildGoProgram(path.join(__dirname, 'porcupine'));
  const microseconds = (milliseconds: number) => Math.round(milliseconds * 1000);
  const seats = [...steps]
    // Of a seat that was free whenever anyone looked there is nothing to decide.
    .filter(([, own]) => own.some(({ kind }) => kind !== 'free'))
    .map(([seat, own]) => ({
      seat: seat.replace(' ', '-'),
      steps: own.map(({ from, to, ...step }) => ({
        ...step,
        call: microseconds(from),
        return: microseconds(to),
      })),
    }));
  const { status, stdout, stderr, error } = spawnSync(program, [], {
    input: JSON.stringify({ timeoutSeconds, pictures, seats }),
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`The checker of seats failed: ${stderr}`);
  return Verdicts.parse(JSON.parse(stdout));
}
