import { log } from '@temporalio/activity';
import { readKnownBooking } from '../db/bookings/booking-view';
import type { Db } from '../db/connection';
import { disableIfFailing, recordAttempt, recordHealth } from '../db/webhooks/attempts';
import type { DueDelivery, Receiver } from '../db/webhooks/due-view';
import type { SecretCipher } from '../db/webhooks/secret-cipher';
import type { Booking } from '../domain/booking';
import { GIVE_UP_AFTER_MS, retryDelay, type DeliveryStatus } from '../domain/webhooks/delivery';
import { signMessage, type WebhookMessage } from '../notifications/webhooks/message';
import type { SendWebhook } from '../notifications/webhooks/send';

/** How many messages an endpoint gets at once, whoever sends them. */
export const AT_ONCE = 5;

export interface WebhookAttemptDependencies {
  db: Db;
  webhookSecrets: SecretCipher;
  send: SendWebhook;
  /** Hears of each attempt; for metrics. */
  note: (attempt: {
    status: Exclude<DeliveryStatus, 'pending'>;
    durationMs: number;
    isDisabled: boolean;
  }) => void;
}

/** What an attempt left behind. */
export interface Attempted {
  /** Another attempt at the same event follows later. */
  isRetried: boolean;
}

/** `booking` is the one that the event is about, if it was just read. */
export type AttemptDelivery = (
  receiver: Receiver,
  delivery: DueDelivery,
  booking?: Booking,
) => Promise<Attempted>;

/**
 * Creates the function that makes one attempt at a delivery: signs, sends, records. What the
 * receiver does is recorded; only our database's failures are thrown.
 */
export function createWebhookAttempts({
  db,
  send,
  webhookSecrets,
  note,
}: WebhookAttemptDependencies): AttemptDelivery {
  /** Reads the booking when it is sent: no copy of it is stored, and none is out of date. */
  async function messageOf(
    { id, event }: DueDelivery,
    at: Date,
    known: Booking | undefined,
  ): Promise<WebhookMessage> {
    if (event === null) {
      const nothing = { sequence: null, data: { booking: null } };
      return { id, type: 'ping', createdAt: at.toISOString(), ...nothing };
    }
    const { type, sequence, bookingId, occurredAt } = event;
    const booking = known ?? (await readKnownBooking(db, bookingId));
    return {
      id: event.id,
      type,
      createdAt: occurredAt.toISOString(),
      sequence,
      data: { booking },
    };
  }

  /** Records whether an endpoint works, if that is news. Returns whether it was disabled. */
  async function noteHealth(
    receiver: Receiver,
    { event }: DueDelivery,
    status: DeliveryStatus,
  ): Promise<boolean> {
    const { failingSince } = receiver;
    const isWell = status === 'succeeded';
    // A ping is how an owner tries out whether an endpoint works at all.
    const isNews = isWell ? failingSince !== null : failingSince === null && event !== null;
    if (isNews) await recordHealth(db, receiver, isWell);
    // Nobody may have tried for days before this event: first it has all its attempts.
    const isGivenUp = status === 'failed' && event !== null;
    return isGivenUp && disableIfFailing(db, receiver, GIVE_UP_AFTER_MS);
  }

  return async (receiver, delivery, booking) => {
    const secrets = receiver.secrets.map((sealed) => webhookSecrets.open(receiver.id, sealed));
    const sentAt = new Date();
    const message = signMessage(await messageOf(delivery, sentAt, booking), secrets, sentAt);
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
    if (status === undefined) return { isRetried: false };
    const isDisabled = await noteHealth(receiver, delivery, status);
    if (isDisabled) log.warn('A webhook endpoint failed for 72 hours and was disabled');
    note({ status, durationMs, isDisabled });
    return { isRetried: status === 'retrying' };
  };
}
