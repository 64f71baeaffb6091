import { setTimeout as wait } from 'node:timers/promises';
import { cancellationSignal } from '@temporalio/activity';
import type { Db } from '../db/connection';
import {
  listDue,
  readReceiver,
  timeUntilDue,
  type DueDelivery,
  type Receiver,
} from '../db/webhooks/due-view';
import type { DeliveriesLeft } from '../temporal/contracts/webhook';
import { beating } from './beating';
import { AT_ONCE, type AttemptDelivery } from './webhook-attempts';

export interface WebhookDependencies {
  db: Db;
  attempt: AttemptDelivery;
  /** Aborted when the worker is told to stop. */
  stopping: AbortSignal;
}

/** Deliveries that one statement reads. */
const BATCH = 50;

/** Interval, in milliseconds, between looks for more while some are being sent. */
const LOOK_EVERY_MS = 500;

/** How long one activity sends, in milliseconds; then another endpoint may have its place. */
const SEND_FOR_MS = 30_000;

export type WebhookActivities = Pick<ReturnType<typeof webhookActivities>, 'deliverWebhooks'>;

/** The activity that sends to one webhook endpoint. */
export function webhookActivities({ db, attempt, stopping }: WebhookDependencies) {
  async function deliverDue(endpointId: string, signal: AbortSignal): Promise<DeliveriesLeft> {
    const until = Date.now() + SEND_FOR_MS;
    const sending = new Map<string, Promise<void>>();
    // A look may have begun before an attempt was recorded: it shows the delivery as due.
    const begun = new Set<string>();
    const failures: unknown[] = [];
    let due: DueDelivery[] = [];

    function begin(to: Receiver, delivery: DueDelivery): void {
      const sent = attempt(to, delivery)
        .then(
          () => undefined,
          (error: unknown) => void failures.push(error),
        )
        .finally(() => sending.delete(delivery.id));
      sending.set(delivery.id, sent);
      begun.add(delivery.id);
    }

    while (Date.now() < until && !signal.aborted && failures.length === 0) {
      // As its owner has it by now: at another address, disabled, or deleted. Those that another
      // process is sending count, too, and become fewer.
      const receiver = await readReceiver(db, endpointId);
      if (receiver === undefined) break;
      if (due.length === 0 || !receiver.isEnabled) {
        const found = await listDue(db, endpointId, BATCH);
        due = found.filter(({ id }) => !begun.has(id));
        if (due.length === 0 && sending.size === 0) break;
      }
      while (sending.size + receiver.takenCount < AT_ONCE) {
        const next = due.shift();
        if (next === undefined) break;
        begin(receiver, next);
      }
      // Those that are being sent may take long: what becomes due meanwhile does not wait for them.
      const isWaiting = due.length === 0 || receiver.takenCount > 0;
      const looks = isWaiting ? [wait(LOOK_EVERY_MS, undefined, { ref: false })] : [];
      await Promise.race([...sending.values(), ...looks]);
    }
    await Promise.all(sending.values());
    if (failures.length > 0) throw failures[0];
    return { nextInMs: await timeUntilDue(db, endpointId) };
  }

  return {
    /**
     * Sends an endpoint what is due, at most five messages at once, for half a minute at most.
     *
     * At least once: an attempt whose worker dies before it is recorded is made again, under the
     * same `webhook-id`.
     */
    async deliverWebhooks(endpointId: string): Promise<DeliveriesLeft> {
      return beating(() =>
        deliverDue(endpointId, AbortSignal.any([stopping, cancellationSignal()])),
      );
    },
  };
}
