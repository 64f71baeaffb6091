import type { History, Operation } from '../history/read';
import {
  Booking,
  Change,
  ChangeQuote,
  Events,
  Payments,
  problemOf,
  read,
  WebhookEvent,
} from './bodies';
import { groupBy } from './group-by';
import { cameToNothing, effectiveOf, groupByKey, type Attempts } from './requests';
import { findTroubles, type Trouble } from './troubles';
import type { z } from 'zod';

/** A booking as somebody was shown it, at a moment between two. */
export interface Sight {
  booking: Booking;
  /** Milliseconds since the run began. */
  from: number;
  to: number;
  operation: string;
  /** It was read at that moment. Otherwise it is what was true once: an outcome, stored. */
  isRead: boolean;
}

/** A cancelled booking still shows the seats that it had. */
export function isHolding({ booking }: Sight): boolean {
  return booking.status === 'pending' || booking.status === 'booked';
}

/** Refusals of a reservation: such a booking never had a seat, unless somebody saw it with one. */
export const NEVER_HELD = ['seats_unavailable', 'flight_closed', 'too_many_holds'];

/** All that the history tells of one booking. */
export interface BookingStory {
  id: string;
  client: number;
  /** Requests that made it, or may have: repetitions of one key. */
  creation: Operation[];
  /** Every other request about it, in the order of sending. */
  operations: Operation[];
  /** The same, each with its repetitions; the order is that of the first sending. */
  requests: Attempts[];
  sights: Sight[];
  /** As its owner read it at the end; undefined when that read did not find it. */
  last: Booking | undefined;
  payments: z.infer<typeof Payments>['data'] | undefined;
  events: z.infer<typeof Events>['data'] | undefined;
}

/** The history, told by bookings. */
export interface Story {
  bookings: Map<string, BookingStory>;
  quotes: Map<string, ChangeQuote>;
  /** Each request with its repetitions; the order is that of the first sending. */
  byKey: Attempts[];
  /** The schedule changes that were not refused, by flight. */
  scheduleChanges: Map<string, Attempts[]>;
  /** When faults were at work, or what they had broken was not back yet; the earliest first. */
  troubles: Trouble[];
}

export function tell(history: History): Story {
  const byKey = groupByKey(history.operations);
  return {
    bookings: tellBookings(history, byKey),
    quotes: readQuotes(history.operations),
    byKey,
    scheduleChanges: groupScheduleChanges(byKey),
    troubles: findTroubles(history),
  };
}

function groupScheduleChanges(byKey: Attempts[]): Map<string, Attempts[]> {
  const changes = byKey.filter(
    (attempts) => attempts[0]?.kind === 'schedule_change' && !cameToNothing(attempts),
  );
  return groupBy(
    changes,
    ([first]) => /\/flights\/([0-9a-f-]{36})\//.exec(first?.request.path ?? '')?.[1] ?? '',
  );
}

/** The booking that a request is about, by its path or its body. */
function bookingIdOf({ request }: Operation): string | undefined {
  const [, id] = /^\/api\/v1\/bookings\/([0-9a-f-]{36})(?:$|[/?])/.exec(request.path) ?? [];
  if (id !== undefined) return id;
  const [, signalled] = /^booking-([0-9a-f-]{36})$/.exec(request.path) ?? [];
  if (signalled !== undefined) return signalled;
  const body = request.body as { bookingId?: unknown; data?: { bookingId?: unknown } } | null;
  const named = body?.bookingId ?? body?.data?.bookingId;
  return typeof named === 'string' ? named.toLowerCase() : undefined;
}

/** The booking that a response shows; a change shows its booking as it made it. */
export function bookingIn(operation: Operation): Booking | undefined {
  const { response } = operation;
  if (response === undefined || response.status >= 300) return undefined;
  return read(Booking, response.body) ?? read(Change, response.body)?.booking;
}

function tellBookings(history: History, byKey: Attempts[]): Map<string, BookingStory> {
  const stories = new Map<string, BookingStory>();
  const storyOf = (id: string, client: number) => {
    const story = stories.get(id) ?? newStory(id, client);
    stories.set(id, story);
    return story;
  };

  for (const { bookingId, client, response } of history.final.bookings) {
    const story = storyOf(bookingId, client);
    story.last = response.status === 200 ? read(Booking, response.body) : undefined;
  }
  const byMetadata = findByMetadata(stories);
  for (const attempts of byKey) {
    const [first] = attempts;
    if (first?.kind !== 'book') continue;
    const metadata = metadataOf(first.client, first.request.body) ?? '';
    const id = createdId(attempts) ?? byMetadata.get(metadata);
    if (id !== undefined) storyOf(id, first.client).creation.push(...effectiveOf(attempts));
  }
  for (const operation of history.operations) {
    if (operation.kind === 'book') continue;
    const id = bookingIdOf(operation);
    // Requests about bookings that never were are no story.
    if (id !== undefined) stories.get(id)?.operations.push(operation);
  }
  for (const attempts of byKey) {
    const [first] = attempts;
    if (first === undefined || first.kind === 'book') continue;
    stories.get(bookingIdOf(first) ?? '')?.requests.push(attempts);
  }
  for (const line of history.final.payments)
    storyOf(line.bookingId, line.client).payments = read(Payments, line.response.body)?.data;
  for (const line of history.final.events)
    storyOf(line.bookingId, line.client).events = read(Events, line.response.body)?.data;
  const readAt = new Map(history.final.bookings.map(({ bookingId, at }) => [bookingId, at]));
  for (const story of stories.values()) addSights(story, history, readAt.get(story.id));
  addDeliveredSights(stories, history);
  return stories;
}

function newStory(id: string, client: number): BookingStory {
  return {
    id,
    client,
    creation: [],
    operations: [],
    requests: [],
    sights: [],
    last: undefined,
    payments: undefined,
    events: undefined,
  };
}

/** The booking that a key made: a success names it, and so does most of what leaves it open. */
function createdId(attempts: Attempts): string | undefined {
  for (const { response } of attempts) {
    if (response === undefined || response.status >= 300) continue;
    const booking = read(Booking, response.body);
    if (booking !== undefined) return booking.id;
  }
  // A problem names it, too, but then it need not have been made.
  return attempts
    .map(({ response }) => problemOf(response)?.bookingId)
    .find((id) => id !== undefined);
}

/** Finds the booking of a request whose every response was lost: both have the same metadata. */
function findByMetadata(stories: Map<string, BookingStory>): Map<string, string> {
  const named = [...stories.values()].flatMap(({ id, client, last }) => {
    const metadata = metadataOf(client, last);
    return metadata === undefined ? [] : [[metadata, id] as const];
  });
  return new Map(named);
}

/** Undefined where there is none, which many bookings have in common. */
function metadataOf(client: number, body: unknown): string | undefined {
  const { metadata = {} } = (body ?? {}) as { metadata?: object };
  const entries = Object.entries(metadata).sort();
  return entries.length === 0 ? undefined : JSON.stringify([client, ...entries]);
}

/** Responses that are read at the moment when they are asked for. */
const READS = ['get', 'cancel', 'accept'];

function addSights(story: BookingStory, { run }: History, readAt: number | undefined): void {
  for (const operation of [...story.creation, ...story.operations]) {
    const booking = bookingIn(operation);
    if (booking?.id !== story.id) continue;
    const isReplayed = operation.response?.headers['idempotent-replayed'] === 'true';
    story.sights.push({
      booking,
      from: operation.sentAt,
      to: operation.endedAt,
      operation: operation.id,
      isRead: READS.includes(operation.kind) && !isReplayed && !isAboutChange(operation),
    });
  }
  if (story.last !== undefined && readAt !== undefined)
    story.sights.push({
      booking: story.last,
      from: run.calmAt,
      to: Math.max(run.calmAt, readAt),
      operation: 'the final read',
      isRead: true,
    });
}

/** `GET …/changes/:id` shows its booking, too, perhaps as the change left it. */
function isAboutChange({ request }: Operation): boolean {
  return request.path.includes('/changes/');
}

function addDeliveredSights(stories: Map<string, BookingStory>, { deliveries }: History): void {
  for (const [receiver, lines] of deliveries)
    for (const { body, at } of lines) {
      const event = read(WebhookEvent, body);
      const booking = Booking.safeParse(event?.data.booking).data;
      if (event === undefined || booking === undefined) continue;
      stories.get(booking.id)?.sights.push({
        booking,
        from: 0,
        to: at,
        operation: `${receiver} ${event.id}`,
        isRead: false,
      });
    }
}

function readQuotes(operations: Operation[]): Map<string, ChangeQuote> {
  const quotes = operations.flatMap(({ response }) => {
    const quote = response?.status === 201 ? read(ChangeQuote, response.body) : undefined;
    return quote === undefined ? [] : [[quote.id, quote] as const];
  });
  return new Map(quotes);
}

/** The run's own milliseconds of an instant that the product gave. */
export function atOf({ run }: History, instant: string): number {
  return Date.parse(instant) - Date.parse(run.startedAt);
}

/**
 * By how much two instants of one machine may differ: rounding, and what the recorder needs to read
 * its own clock. The instants that the checker reads are Temporal's and PostgreSQL's (deadlines,
 * events), whose clocks no fault turns.
 */
export const CLOCK_TOLERANCE_MS = 50;
