import { setTimeout as wait } from 'node:timers/promises';
import { cancellationSignal, log } from '@temporalio/activity';
import { readKnownBooking } from '../db/bookings/booking-view';
import type { Db } from '../db/connection';
import { disableIfFailing, recordAttempt, recordHealth } from '../db/webhooks/attempts';
import {
  listDue,
  readReceiver,
  timeUntilDue,
  type DueDelivery,
  type Receiver,
} from '../db/webhooks/due-view';
import type { SecretCipher } from '../db/webhooks/secret-cipher';
import {
  GIVE_UP_AFTER_MS,
  retryDelay,
  type AttemptOutcome,
  type DeliveryStatus,
} from '../domain/webhooks/delivery';
import { signMessage, type WebhookMessage } from '../notifications/webhooks/message';
import type { SendWebhook } from '../notifications/webhooks/send';
import type { DeliveriesLeft } from '../temporal/webhook-contracts';
import { beating } from './beating';

export interface WebhookDependencies {
  db: Db;
  webhookSecrets: SecretCipher;
  send: SendWebhook;
  /** Aborted when the worker is told to stop. */
  stopping: AbortSignal;
  /** Hears of each attempt; for metrics. */
  note: (attempt: {
    status: Exclude<DeliveryStatus, 'pending'>;
    durationMs: number;
    isDisabled: boolean;
  }) => void;
}

/** How many messages an endpoint gets at once. */
const AT_ONCE = 5;

/** Deliveries that one statement reads. */
const BATCH = 50;

/** Interval, in milliseconds, between looks for more while some are being sent. */
const LOOK_EVERY_MS = 500;

/** How long one activity sends, in milliseconds; then another endpoint may have its place. */
const SEND_FOR_MS = 30_000;

export type WebhookActivities = Pick<ReturnType<typeof webhookActivities>, 'deliverWebhooks'>;

/** The activity that sends to one webhook endpoint. */
export function webhookActivities(deps: WebhookDependencies) {
  const { db, send, webhookSecrets, note, stopping } = deps;

  /** Reads the booking when it is sent: no copy of it is stored, and none is out of date. */
  async function messageOf({ id, event }: DueDelivery, at: Date): Promise<WebhookMessage> {
    if (event === null) {
      const nothing = { sequence: null, data: { booking: null } };
      return { id, type: 'ping', createdAt: at.toISOString(), ...nothing };
    }
    const { type, sequence, bookingId, occurredAt } = event;
    const booking = await readKnownBooking(db, bookingId);
    return {
      ...{ id: event.id, type, createdAt: occurredAt.toISOString(), sequence },
      data: { booking },
    };
  }

  /** Records whether an endpoint works, if that is news. Returns whether it was disabled. */
  async function noteHealth(
    { id, failingSince, isEnabled }: Receiver,
    { event }: DueDelivery,
    outcome: AttemptOutcome,
  ): Promise<boolean> {
    const isWell = outcome.status === 'succeeded';
    // A ping is how an owner tries out whether an endpoint works at all.
    const isNews = isWell ? failingSince !== null : failingSince === null && event !== null;
    if (isNews) await recordHealth(db, id, isWell);
    if (isWell || !isEnabled || failingSince === null) return false;
    if (Date.now() - failingSince.getTime() < GIVE_UP_AFTER_MS) return false;
    return disableIfFailing(db, id, GIVE_UP_AFTER_MS);
  }

  /** Returns whether the endpoint was disabled by it. */
  async function deliver(
    receiver: Receiver,
    secrets: string[],
    delivery: DueDelivery,
  ): Promise<boolean> {
    const sentAt = new Date();
    const message = signMessage(await messageOf(delivery, sentAt), secrets, sentAt);
    const startedMs = performance.now();
    const outcome = await send(receiver.url, message);
    const durationMs = Math.round(performance.now() - startedMs);
    const { attempt, firstDueAt, event } = delivery;
    const mayFollow = outcome.status === 'failed' && event !== null;
    const retryAfterMs = mayFollow
      ? retryDelay({ attempt, firstDueAt }, { now: new Date(), random: Math.random() })
      : null;
    const made = { deliveryId: delivery.id, outcome, sentAt, durationMs, retryAfterMs };
    const status = await recordAttempt(db, made);
    if (status === undefined) return false;
    const isDisabled = await noteHealth(receiver, delivery, outcome);
    if (isDisabled) log.warn('A webhook endpoint failed for 72 hours and was disabled');
    note({ status, durationMs, isDisabled });
    return isDisabled;
  }

  async function deliverDue(endpointId: string, signal: AbortSignal): Promise<DeliveriesLeft> {
    const until = Date.now() + SEND_FOR_MS;
    const sending = new Map<string, Promise<void>>();
    // A look may have begun before an attempt was recorded: it shows the delivery as due.
    const begun = new Set<string>();
    const failures: unknown[] = [];
    let due: DueDelivery[] = [];
    let receiver: Receiver | undefined;

    function begin(to: Receiver, delivery: DueDelivery): void {
      const secrets = to.secrets.map((sealed) => webhookSecrets.open(endpointId, sealed));
      const sent = deliver(to, secrets, delivery)
        .then((isDisabled) => {
          if (isDisabled) due = [];
        })
        .catch((error: unknown) => void failures.push(error))
        .finally(() => sending.delete(delivery.id));
      sending.set(delivery.id, sent);
      begun.add(delivery.id);
    }

    while (Date.now() < until && !signal.aborted && failures.length === 0) {
      if (due.length === 0) {
        receiver = await readReceiver(db, endpointId);
        const found = await listDue(db, endpointId, BATCH);
        due = found.filter(({ id }) => !begun.has(id));
        if (receiver === undefined || (due.length === 0 && sending.size === 0)) break;
      }
      while (receiver !== undefined && sending.size < AT_ONCE) {
        const next = due.shift();
        if (next === undefined) break;
        begin(receiver, next);
      }
      // Those that are being sent may take long: what becomes due meanwhile does not wait for them.
      const looks = due.length === 0 ? [wait(LOOK_EVERY_MS, undefined, { ref: false })] : [];
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
