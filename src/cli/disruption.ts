import { hash } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import { findFlight } from '../db/flights/flight-view';
import {
  previewScheduleChange,
  type ScheduleChangePreview,
} from '../db/schedule-changes/preview-view';
import { readChangedFlight, type ChangedFlight } from '../db/schedule-changes/changed-flight-view';
import { readScheduleChange, type ScheduleChange } from '../db/schedule-changes/progress-view';
import type { Db } from '../db/connection';
import { formatMoney } from '../domain/money';
import {
  findScheduleChangeFault,
  isAsRequested,
  type ChangeableFlight,
  type ScheduleChangeRequest,
} from '../domain/schedule-change';
import { createScheduleChangeWorkflows } from '../temporal/clients/schedule-changes';
import type { ScheduleChangeOrder } from '../temporal/contracts/schedule-change';
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

/** A schedule change that was carried out, and the flight as it is afterwards. */
export interface Disrupted extends ScheduleChange {
  flight: ChangeableFlight;
  /** Whether a later schedule change has changed the flight again. */
  isSuperseded: boolean;
}

/**
 * Changes a flight.
 *
 * Safe to retry: the same command again, by the same operator, finds what it did before, as long as
 * the airline has not changed the flight since. After that it is a schedule change of its own.
 *
 * @throws Refused with the workflow's refusal; CommandFailure when its outcome is not known.
 */
export async function disrupt(
  system: Pick<System, 'db' | 'client' | 'taskQueue'>,
  disruption: Disruption,
): Promise<Disrupted> {
  const { db } = system;
  const { flightId, change } = disruption;
  const before = await requireFlight(db, flightId);
  const order = orderOf(disruption, before);
  const known = await readScheduleChange(db, order.scheduleChangeId);
  const applied = known ?? (await apply(system, order, before.flightNumber));
  const { status, departureAt, arrivalAt } = await requireFlight(db, flightId);
  const flight = { status, departureAt, arrivalAt };
  return { ...applied, flight, isSuperseded: !isAsRequested(flight, change) };
}

async function apply(
  { db, client, taskQueue }: Pick<System, 'db' | 'client' | 'taskQueue'>,
  order: ScheduleChangeOrder,
  flightNumber: string,
): Promise<ScheduleChange> {
  await createScheduleChangeWorkflows(client, taskQueue).change(order, flightNumber);
  const applied = await readScheduleChange(db, order.scheduleChangeId);
  if (applied === undefined)
    throw new CommandFailure('It is not known yet whether the flight was changed: run it again.');
  return applied;
}

async function requireFlight(db: Db, flightId: string): Promise<ChangedFlight> {
  const flight = await readChangedFlight(db, flightId);
  if (flight === undefined) throw new CommandFailure(`There is no flight ${flightId}.`);
  return flight;
}

/** Returns the order of a disruption: that of before, if the flight is as it left it. */
function orderOf(
  { flightId, change, reason, by }: Disruption,
  flight: ChangedFlight,
): ScheduleChangeOrder {
  const times =
    change.kind === 'cancelled'
      ? {}
      : {
          departureAt: change.departureAt.toISOString(),
          arrivalAt: change.arrivalAt.toISOString(),
        };
  const wanted = { flightId, kind: change.kind, ...times, reason };
  const text = JSON.stringify(wanted);
  const fingerprint = hash('sha256', text, 'base64url');
  const { latest, changes } = flight;
  const isRepeated =
    latest?.requestedBy === by &&
    latest.fingerprint === fingerprint &&
    isAsRequested(flight, change);
  return {
    ...wanted,
    // The same until a schedule change is applied, and never that of one that was.
    scheduleChangeId: isRepeated
      ? latest.id
      : uuidv5(JSON.stringify([by, text, changes]), NAMESPACE),
    requestedBy: by,
    fingerprint,
  };
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

/** Describes what a disruption did, and how the flight is if that was superseded. */
export function describeDisrupted({ id, kind, affected, flight, isSuperseded }: Disrupted): string {
  const bookings = `schedule change ${id} affects ${String(affected)} bookings`;
  if (!isSuperseded) return `The flight is ${kind}: ${bookings}.`;
  const present =
    flight.status === 'cancelled'
      ? 'is cancelled'
      : `departs at ${flight.departureAt.toISOString()}, and arrives at ${flight.arrivalAt.toISOString()}`;
  return `The flight was ${kind}: ${bookings}. A later one has superseded it: the flight ${present}.`;
}
