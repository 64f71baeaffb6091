import { hash } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import { findFlight } from '../db/flights/flight-view';
import {
  previewScheduleChange,
  type ScheduleChangePreview,
} from '../db/schedule-changes/preview-view';
import { readScheduleChange, type ScheduleChange } from '../db/schedule-changes/progress-view';
import type { Db } from '../db/connection';
import { formatMoney } from '../domain/money';
import { findScheduleChangeFault, type ScheduleChangeRequest } from '../domain/schedule-change';
import { createScheduleChangeWorkflows } from '../temporal/clients/schedule-changes';
import type { ScheduleChangeOrder } from '../temporal/schedule-change-contracts';
import { CommandFailure } from './failure';
import type { System } from './systems';

/** Distinguishes IDs of the command line from those of keys that clients sent. */
const NAMESPACE = 'b1f3a4f2-6d0c-4c55-8f0b-0c2b2a9f7e61';

/** What an operator wants to do to one flight. */
export interface Disruption {
  flightId: string;
  change: ScheduleChangeRequest;
  reason: string;
  by: string;
}

/**
 * Returns what a disruption would do. Changes nothing.
 *
 * @throws CommandFailure when it is not possible.
 */
export async function preview(
  db: Db,
  { flightId, change }: Pick<Disruption, 'flightId' | 'change'>,
): Promise<ScheduleChangePreview> {
  const flight = await findFlight(db, flightId);
  if (flight === undefined) throw new CommandFailure(`There is no flight ${flightId}.`);
  const { status, departureAt, arrivalAt } = flight;
  const present = {
    status,
    departureAt: new Date(departureAt),
    arrivalAt: new Date(arrivalAt),
  };
  const now = new Date();
  const fault = findScheduleChangeFault(present, change, now);
  if (fault !== undefined) throw new CommandFailure(`It can't be changed so: ${fault}.`);
  return previewScheduleChange(db, { flightId, change }, now);
}

/**
 * Changes a flight. The same command again, by the same operator, finds what it did before.
 *
 * @throws Refused with the workflow's refusal; CommandFailure when its outcome is not known.
 */
export async function disrupt(
  { db, client, taskQueue }: Pick<System, 'db' | 'client' | 'taskQueue'>,
  { flightId, change, reason, by }: Disruption,
): Promise<ScheduleChange> {
  const times =
    change.kind === 'cancelled'
      ? {}
      : {
          departureAt: change.departureAt.toISOString(),
          arrivalAt: change.arrivalAt.toISOString(),
        };
  const wanted = { flightId, kind: change.kind, ...times, reason };
  const text = JSON.stringify(wanted);
  const order: ScheduleChangeOrder = {
    ...wanted,
    scheduleChangeId: uuidv5(JSON.stringify([by, text]), NAMESPACE),
    requestedBy: by,
    fingerprint: hash('sha256', text, 'base64url'),
  };
  const flight = await findFlight(db, flightId);
  await createScheduleChangeWorkflows(client, taskQueue).change(order, flight?.flightNumber);
  const applied = await readScheduleChange(db, order.scheduleChangeId);
  if (applied === undefined)
    throw new CommandFailure('It is not known yet whether the flight was changed: run it again.');
  return applied;
}

/** Describes what a disruption would do. */
export function describePreview({ unpaid, paid, refundable, refunds }: ScheduleChangePreview) {
  const money = refunds.length === 0 ? 'nothing' : refunds.map(formatMoney).join(' and ');
  return [
    `Unpaid bookings that would end: ${String(unpaid)}`,
    `Paid bookings that would get an offer: ${String(paid)}`,
    `Of these, with a right to the money for every flight not used: ${String(refundable)}, ${money} in all`,
  ].join('\n');
}
