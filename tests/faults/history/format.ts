import { z } from 'zod';

/**
 * The recorded history of a fault run: a folder, and all that the checker may know of the run.
 *
 * | file                        | what is in it                                                     |
 * | --------------------------- | ----------------------------------------------------------------- |
 * | `run.json`                  | {@link Run}: seed, times, customers, flights, receivers           |
 * | `operations.jsonl`          | {@link OperationLine}: each request when sent, and when it ended  |
 * | `faults.jsonl`              | {@link FaultLine}: each fault when begun, and when ended          |
 * | `probes.jsonl`              | {@link ProbeLine}: is an endpoint there, some times a second      |
 * | `provider.json`             | {@link ProviderBooks}: the provider's own books, from itself      |
 * | `receivers/<receiver>.jsonl`| {@link DeliveryLine}: what each webhook receiver got              |
 * | `mails.jsonl`               | {@link MailLine}: what the mailbox took                           |
 * | `final/bookings.jsonl`      | {@link FinalBookingLine}: `GET /bookings/:id`, by its owner       |
 * | `final/payments.jsonl`      | the same of `GET /bookings/:id/payments`                          |
 * | `final/events.jsonl`        | the same of `GET /bookings/:id/events`                            |
 * | `final/seats.jsonl`         | {@link FinalSeatsLine}: `GET /flights/:id/seats`, of every flight |
 *
 * The final reads are made after calm, through the public API. They are of every booking that its
 * owner's list shows, and of every booking whose ID any response named, whatever the answer is now.
 */

const moment = {
  /** Milliseconds since the run began, by a clock that nobody turns. */
  at: z.number().min(0),
  /** The recorder's own clock; ISO 8601. */
  wall: z.iso.datetime(),
};

const Money = z.object({ amount: z.int(), currency: z.string() });

/** Where a webhook receiver's requests come from, and what it needs to believe them. */
const Receiver = z.object({
  /** The name of its file in `receivers/`. */
  name: z.string().regex(/^[\w.-]+$/),
  /** The customer whose bookings it hears of. */
  client: z.int(),
  /** Every secret that it had; a signature by one of them is enough. */
  secrets: z.array(z.string()).min(1),
  /** It answered 2xx whenever it was reached: every event has to arrive at it. */
  isHealthy: z.boolean(),
  /** When its registration was answered; a booking made later is told of as a whole. */
  registeredAt: z.number(),
  /** The types that it asked for; all of them where none are named. */
  events: z.array(z.string()).optional(),
});
export type Receiver = z.infer<typeof Receiver>;

export const Run = z.object({
  format: z.literal(1),
  seed: z.int(),
  minutes: z.number(),
  startedAt: z.iso.datetime(),
  /** When the last fault had ended and everything ran again; milliseconds since the beginning. */
  healedAt: z.number(),
  /** When all was settled, and the final reads began. */
  calmAt: z.number(),
  versions: z.record(z.string(), z.string()),
  customers: z.array(
    z.object({ client: z.int(), sub: z.string(), role: z.enum(['customer', 'operator']) }),
  ),
  flights: z.array(
    z.object({
      flightId: z.string(),
      /** The seat numbers of each cabin, as the seat map named them before the first request. */
      capacity: z.record(z.string(), z.array(z.string())),
      departsAt: z.iso.datetime(),
      price: Money.optional(),
    }),
  ),
  receivers: z.array(Receiver),
  /** Whether a mail server was set: mails are due then. */
  hasMails: z.boolean(),
  deadlines: z.object({ paymentWindowSeconds: z.number() }),
  parameters: z.record(z.string(), z.unknown()),
});
export type Run = z.infer<typeof Run>;

export const OPERATION_KINDS = [
  'search',
  'book',
  'pay',
  'pay_external',
  'cancel_quote',
  'cancel',
  'change_quote',
  'change',
  'get',
  'seats',
  'choose_seats',
  'correct_name',
  'schedule_change',
  'accept',
  'register_receiver',
  'other',
] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

const Request = z.object({
  /** `SIGNAL` for a signal that went to Temporal: its path is the workflow's ID. */
  method: z.string(),
  path: z.string(),
  /** What was sent, before it became JSON; null where nothing was. */
  body: z.unknown(),
});

const Response = z.object({
  status: z.int(),
  /** By names in small letters. Those that the checker reads at least, see {@link KEPT_HEADERS}. */
  headers: z.record(z.string(), z.string()),
  /** Byte by byte, as text. */
  body: z.string(),
  /** Of the bytes: two bodies that are equal as text might differ in what is no text. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Response = z.infer<typeof Response>;

export const KEPT_HEADERS = [
  'content-type',
  'retry-after',
  'idempotent-replayed',
  'location',
  'x-request-id',
] as const;

const Sent = z.object({
  ...moment,
  event: z.literal('sent'),
  /** Its own: a repetition under the same key is an operation of its own. */
  id: z.string(),
  client: z.int(),
  kind: z.enum(OPERATION_KINDS),
  /** The idempotency key. */
  key: z.string().optional(),
  /** Which sending of that key it is, from 1. */
  attempt: z.int().min(1),
  request: Request,
});

const Answered = z.object({
  ...moment,
  event: z.literal('answered'),
  id: z.string(),
  response: Response,
});

/** No answer came, or only a part of one: whether it took effect is unknown. */
const Lost = z.object({
  ...moment,
  event: z.literal('lost'),
  id: z.string(),
  error: z.string(),
});

export const OperationLine = z.discriminatedUnion('event', [Sent, Answered, Lost]);
export type OperationLine = z.infer<typeof OperationLine>;

export const FAULT_KINDS = [
  'kill',
  'stop',
  'latency',
  'reset',
  'half-open',
  'bandwidth',
  'cut-before',
  'cut-after',
  'disk-full',
  'clock',
  'provider-storm',
  'pool',
  'rollout',
  'rollback',
  'scale',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export const FaultLine = z.object({
  ...moment,
  /** The same when it begins and when it ends. */
  id: z.string(),
  kind: z.enum(FAULT_KINDS),
  /** What it hits: a process, or a connection as `api-1→temporal`. */
  target: z.string(),
  /** It ends when what it hit runs again, as far as the one who broke it can see. */
  event: z.enum(['begun', 'ended']),
  details: z.record(z.string(), z.unknown()).default({}),
});
export type FaultLine = z.infer<typeof FaultLine>;

export const PROBED = ['livez', 'search', 'create', 'pay'] as const;

export const ProbeLine = z.object({
  ...moment,
  endpoint: z.enum(PROBED),
  /** An answer came in time, and it was no 5xx. */
  ok: z.boolean(),
  /** Null where no answer came. */
  status: z.int().nullable(),
  milliseconds: z.number().min(0),
});
export type ProbeLine = z.infer<typeof ProbeLine>;

const ProviderPayment = z.object({
  id: z.string(),
  /** The idempotency key that the provider was sent. */
  key: z.string(),
  bookingId: z.string().nullable(),
  amount: z.int(),
  currency: z.string(),
  paymentMethod: z.string(),
  status: z.enum(['requires_action', 'authorized', 'captured', 'voided', 'declined']),
  createdAt: z.iso.datetime(),
  capturedAt: z.iso.datetime().nullable(),
  refunds: z.array(
    z.object({ id: z.string(), key: z.string(), amount: z.int(), createdAt: z.iso.datetime() }),
  ),
});
export type ProviderPayment = z.infer<typeof ProviderPayment>;

export const ProviderBooks = z.object({
  /** Its name, as payment events give it. */
  provider: z.string(),
  payments: z.array(ProviderPayment),
});
export type ProviderBooks = z.infer<typeof ProviderBooks>;

export const DeliveryLine = z.object({
  ...moment,
  headers: z.record(z.string(), z.string()),
  /** As it came: the signature is over it. */
  body: z.string(),
  /** The status that the receiver answered; `nothing` when it hung up instead. */
  answered: z.union([z.int(), z.literal('nothing')]),
});
export type DeliveryLine = z.infer<typeof DeliveryLine>;

export const MailLine = z.object({
  ...moment,
  to: z.string(),
  subject: z.string(),
  messageId: z.string(),
});
export type MailLine = z.infer<typeof MailLine>;

export const FinalBookingLine = z.object({
  ...moment,
  /** The owner, who asked. */
  client: z.int(),
  bookingId: z.string(),
  response: Response,
});
export type FinalBookingLine = z.infer<typeof FinalBookingLine>;

export const FinalSeatsLine = z.object({ ...moment, flightId: z.string(), response: Response });
export type FinalSeatsLine = z.infer<typeof FinalSeatsLine>;
