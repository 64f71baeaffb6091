import { setTimeout as wait } from 'node:timers/promises';
import { cancellationSignal } from '@temporalio/activity';
import { readKnownBookings } from '../db/bookings/booking-view';
import type { Db } from '../db/connection';
import { listOverdueEndpoints } from '../db/webhooks/due-view';
import { fanOutEvents, handOver, handOverAll, type FreshDelivery } from '../db/webhooks/fan-out';
import type { SecretCipher } from '../db/webhooks/secret-cipher';
import { deleteOldDeliveries, resealSecrets } from '../db/webhooks/upkeep';
import type { WebhookWorkflows } from '../temporal/clients/webhook-workflows';
import { beating } from './beating';
import { FirstAttempts } from './first-attempts';
import type { AttemptDelivery } from './webhook-attempts';

export interface OutgoingEventDependencies {
  db: Db;
  webhookWorkflows: WebhookWorkflows;
  webhookSecrets: SecretCipher;
  attempt: AttemptDelivery;
  /** Aborted when the worker is told to stop: no activity is to keep it for minutes. */
  stopping: AbortSignal;
}

/** Interval between two looks for events, in milliseconds; nobody notices that much. */
const LOOK_EVERY_MS = 250;

/** How long one activity looks, in milliseconds: few activities, and none that seems stuck. */
const LOOK_FOR_MS = 5 * 60_000;

/** How long a delivery is ours alone, in milliseconds: an attempt takes eleven seconds at most. */
const TAKEN_FOR_MS = 20_000;

/** Interval of the upkeep, in milliseconds. */
const UPKEEP_EVERY_MS = 60_000;

export type OutgoingEventActivities = Pick<
  ReturnType<typeof outgoingEventActivities>,
  'announceOutgoingEvents'
>;

/** The activity that takes outgoing events for webhook endpoints, and sends most of them. */
export function outgoingEventActivities(deps: OutgoingEventDependencies) {
  const { db, webhookWorkflows, webhookSecrets, attempt, stopping } = deps;

  async function announceAll(endpointIds: readonly string[]): Promise<void> {
    for (const endpointId of endpointIds) await webhookWorkflows.announce(endpointId);
  }

  /** Announces what should have been sent: its workflow was ended, or never heard of it. */
  async function keepUp(overdueMs: number): Promise<void> {
    await announceAll(await listOverdueEndpoints(db, overdueMs));
    await resealSecrets(db, webhookSecrets);
    await deleteOldDeliveries(db);
  }

  /** Begins what there are places for; returns the rest. */
  async function begin(
    attempts: FirstAttempts,
    fresh: readonly FreshDelivery[],
  ): Promise<readonly FreshDelivery[]> {
    const ids = new Set(fresh.map(({ bookingId }) => bookingId));
    return attempts.begin(fresh, await readKnownBookings(db, [...ids]));
  }

  /** Leaves deliveries to the workflows of their endpoints. */
  async function leave(deliveries: readonly FreshDelivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    await handOver(
      db,
      deliveries.map(({ delivery }) => delivery.id),
    );
    await announceAll([...new Set(deliveries.map(({ receiver }) => receiver.id))]);
  }

  async function look(signal: AbortSignal): Promise<void> {
    const until = Date.now() + LOOK_FOR_MS;
    const attempts = new FirstAttempts(attempt, (endpointId) =>
      webhookWorkflows.announce(endpointId),
    );
    // An earlier try may have died before it sent what it took, or announced what it created.
    await handOverAll(db);
    await keepUp(0);
    let keptUpAt = Date.now();
    try {
      // In the end others go on sending: a receiver that is slow keeps no event from being taken.
      while (!signal.aborted && (Date.now() < until || attempts.isSending)) {
        const { fresh, endpointIds, mayHaveMore } = await fanOutEvents(db, TAKEN_FOR_MS);
        await leave(Date.now() < until ? await begin(attempts, fresh) : fresh);
        await announceAll(endpointIds);
        attempts.check();
        if (Date.now() - keptUpAt >= UPKEEP_EVERY_MS) {
          await keepUp(UPKEEP_EVERY_MS);
          keptUpAt = Date.now();
        }
        if (!mayHaveMore) await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      await attempts.settled();
    }
    attempts.check();
  }

  return {
    /**
     * Takes events as they come, creates their deliveries, and makes the first attempt at each, for
     * some minutes. What fails, or has no place, is announced to the workflow of its endpoint.
     *
     * Safe to repeat: an event is taken once; what was taken and not sent is announced. Receivers
     * may get it twice, under the same `webhook-id`.
     */
    async announceOutgoingEvents(): Promise<void> {
      await beating(() => look(AbortSignal.any([stopping, cancellationSignal()])));
    },
  };
}
