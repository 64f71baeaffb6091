import { setTimeout as wait } from 'node:timers/promises';
import { cancellationSignal } from '@temporalio/activity';
import type { Db } from '../db/connection';
import { listOverdueEndpoints } from '../db/webhooks/due-view';
import { fanOutEvents } from '../db/webhooks/fan-out';
import type { SecretCipher } from '../db/webhooks/secret-cipher';
import { deleteOldDeliveries, resealSecrets } from '../db/webhooks/upkeep';
import type { WebhookWorkflows } from '../temporal/webhook-workflows';
import { beating } from './beating';

export interface OutgoingEventDependencies {
  db: Db;
  webhookWorkflows: WebhookWorkflows;
  webhookSecrets: SecretCipher;
  /** Aborted when the worker is told to stop: no activity is to keep it for minutes. */
  stopping: AbortSignal;
}

/** Interval between two looks for events, in milliseconds; nobody notices that much. */
const LOOK_EVERY_MS = 250;

/** How long one activity looks, in milliseconds: few activities, and none that seems stuck. */
const LOOK_FOR_MS = 5 * 60_000;

/** Interval of the upkeep, in milliseconds. */
const UPKEEP_EVERY_MS = 60_000;

export type OutgoingEventActivities = Pick<
  ReturnType<typeof outgoingEventActivities>,
  'announceOutgoingEvents'
>;

/** The activity that takes outgoing events for webhook endpoints. */
export function outgoingEventActivities(deps: OutgoingEventDependencies) {
  const { db, webhookWorkflows, webhookSecrets, stopping } = deps;

  async function announceAll(endpointIds: readonly string[]): Promise<void> {
    for (const endpointId of endpointIds) await webhookWorkflows.announce(endpointId);
  }

  /** Announces what should have been sent: its workflow was ended, or never heard of it. */
  async function keepUp(overdueMs: number): Promise<void> {
    await announceAll(await listOverdueEndpoints(db, overdueMs));
    await resealSecrets(db, webhookSecrets);
    await deleteOldDeliveries(db);
  }

  async function look(signal: AbortSignal): Promise<void> {
    const until = Date.now() + LOOK_FOR_MS;
    // An earlier try may have created deliveries and died before it announced them.
    await keepUp(0);
    let keptUpAt = Date.now();
    while (Date.now() < until && !signal.aborted) {
      const { endpointIds, mayHaveMore } = await fanOutEvents(db);
      await announceAll(endpointIds);
      if (Date.now() - keptUpAt >= UPKEEP_EVERY_MS) {
        await keepUp(UPKEEP_EVERY_MS);
        keptUpAt = Date.now();
      }
      if (!mayHaveMore) await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    /**
     * Takes events as they come, creates their deliveries, and announces these to the workflows of
     * their endpoints, for some minutes. Safe to repeat: an event is taken once, and what was not
     * announced is.
     */
    async announceOutgoingEvents(): Promise<void> {
      await beating(() => look(AbortSignal.any([stopping, cancellationSignal()])));
    },
  };
}
