import { Webhook } from 'standardwebhooks';
import type { DeliveryLine, Receiver } from '../history/format';
import type { History } from '../history/read';
import { Booking, read, WebhookEvent } from './bodies';
import type { Check } from './finding';
import { groupBy } from './group-by';
import { whatHappened } from './happened';
import type { BookingStory } from './story';

/**
 * Every event of a booking arrives at least once at each healthy receiver of its owner, signed and
 * with a `sequence` from 1 without gaps, and none of what never happened (docs/webhooks.md, "At least
 * once", "In any order").
 *
 * What happened to a booking is what its owner reads of it at the end, and what customers were told
 * that it leads to.
 */
export const checkEvents: Check = (history, { bookings }) =>
  history.run.receivers.flatMap((receiver) => {
    const lines = history.deliveries.get(receiver.name) ?? [];
    const arrived = lines.flatMap(toEvent);
    const byBooking = groupBy(arrived, ({ bookingId }) => bookingId);
    return [
      ...findUnsigned(receiver, lines),
      ...findTwoFaces(receiver, arrived),
      ...[...bookings.values()].flatMap((booking) => {
        const own = byBooking.get(booking.id) ?? [];
        return booking.client === receiver.client
          ? compareEvents(history, receiver, booking, own)
          : own.slice(0, 1).map(() => ({
              what: `${receiver.name} heard of booking ${booking.id}, which is not its customer's`,
              operations: [],
            }));
      }),
    ];
  });

interface Arrived {
  event: WebhookEvent;
  bookingId: string | undefined;
}

function toEvent({ body }: DeliveryLine): Arrived[] {
  const event = read(WebhookEvent, body);
  if (event === undefined) return [];
  return [{ event, bookingId: Booking.safeParse(event.data.booking).data?.id }];
}

/** Signed by one of the receiver's secrets, by the scheme's own library, whenever it was sent. */
function isSigned({ secrets }: Receiver, { headers, body }: DeliveryLine): boolean {
  const id = headers['webhook-id'] ?? '';
  const sentAt = new Date(Number(headers['webhook-timestamp']) * 1000);
  const given = (headers['webhook-signature'] ?? '').split(' ');
  return secrets.some((secret) => given.includes(new Webhook(secret).sign(id, sentAt, body)));
}

function findUnsigned(receiver: Receiver, lines: DeliveryLine[]) {
  const bad = lines.filter(
    (line) =>
      !isSigned(receiver, line) || read(WebhookEvent, line.body)?.id !== line.headers['webhook-id'],
  );
  return bad.length === 0
    ? []
    : [
        {
          what: `${bad.length} of ${lines.length} requests to ${receiver.name} are not signed, or not as what they are`,
          operations: bad.map(({ headers }) => headers['webhook-id'] ?? ''),
        },
      ];
}

/** The same event, sent again, is the same: its ID stands for it. */
function findTwoFaces({ name }: Receiver, arrived: Arrived[]) {
  const faces = groupBy(arrived, ({ event }) => event.id);
  return [...faces].flatMap(([id, several]) => {
    const seen = several.map(({ event: { type, sequence, createdAt }, bookingId }) =>
      JSON.stringify([type, sequence, createdAt, bookingId]),
    );
    return new Set(seen).size === 1
      ? []
      : [{ what: `${name} got event ${id} as two different ones`, operations: [id] }];
  });
}

/** What receivers hear of what happens to a booking (docs/webhooks.md, "What comes"). */
const TYPES: Record<string, string> = {
  seats_held: 'booking.pending',
  seats_refused: 'booking.cancelled',
  booked: 'booking.booked',
  cancelled: 'booking.cancelled',
  changed: 'booking.changed',
  schedule_changed: 'booking.schedule_changed',
  payment_declined: 'payment.declined',
  refunded: 'refund.succeeded',
  payment_disputed: 'payment.disputed',
};

function compareEvents(
  history: History,
  receiver: Receiver,
  booking: BookingStory,
  arrived: Arrived[],
) {
  const once = [...new Map(arrived.map(({ event }) => [event.id, event])).values()];
  const { id, creation } = booking;
  const due = whatHappened(booking).flatMap((type) => TYPES[type] ?? []);
  const got = once.map(({ type }) => type);
  const invented = without(got, due);
  const isWhole = isWholeStory(history, receiver, creation);
  const missing = isWhole ? without(due, got) : [];
  const sequences = once.map(({ sequence }) => sequence ?? 0).sort((a, b) => a - b);
  const isGapless = sequences.every(
    (sequence, index) => (index === 0 && !isWhole) || sequence === (sequences[index - 1] ?? 0) + 1,
  );
  const found = [
    ...(invented.length > 0 ? [`got ${invented.join(', ')}, which never happened`] : []),
    ...(missing.length > 0 ? [`never got ${missing.join(', ')}`] : []),
    ...(receiver.isHealthy && receiver.events === undefined && !isGapless
      ? [`got the sequence ${sequences.join()}`]
      : []),
  ];
  return found.map((what) => ({
    what: `Booking ${id}: ${receiver.name} ${what}`,
    operations: creation.map((operation) => operation.id),
  }));
}

/** Whether it was registered before the booking was asked for, gets all types, and was well. */
function isWholeStory(
  { run }: History,
  { isHealthy, registeredAt, events }: Receiver,
  creation: BookingStory['creation'],
): boolean {
  const askedAt = Math.min(...creation.map(({ sentAt }) => sentAt), run.calmAt);
  return isHealthy && events === undefined && creation.length > 0 && registeredAt < askedAt;
}

/** What the one list has more often than the other. */
function without(one: string[], other: string[]): string[] {
  const left = [...other];
  return one.filter((item) => {
    const index = left.indexOf(item);
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
}
