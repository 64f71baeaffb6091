/**
 * Which process may write which table; everything else is refused by PostgreSQL.
 *
 * Each role is a group without a login: a process signs in as a user that is a member of one. No
 * role owns anything, so none can change a table, disable a trigger or empty a table at once.
 */
export const DATABASE_ROLES = [
  'flight_bookings_api',
  'flight_bookings_worker',
  'flight_bookings_sandbox',
] as const;

export type DatabaseRole = (typeof DATABASE_ROLES)[number];

type Write = 'INSERT' | 'UPDATE' | 'DELETE';

interface Access {
  /** The role may read every table of these schemas, except those in `hidden`. */
  reads: readonly string[];
  hidden: readonly string[];
  /** Tables that the role may write, by their full names. One that does not exist is skipped. */
  writes: Readonly<Record<string, readonly Write[]>>;
}

const ANY_WRITE: readonly Write[] = ['INSERT', 'UPDATE', 'DELETE'];
const MIGRATIONS = ['public.schema_migrations', 'public.schema_migrations_lock'];

/**
 * Tables of the API itself: rate limits, sessions, reports, quotes and webhook endpoints. They hold
 * no booking, seat or money.
 */
const OF_THE_API = {
  'public.rate_limits': ANY_WRITE,
  'public.codec_sessions': ANY_WRITE,
  'public.received_payment_events': ANY_WRITE,
  'public.webhook_endpoints': ANY_WRITE,
  'public.webhook_endpoint_keys': ['INSERT'],
  // A ping, what is to be sent again, and what a disabled endpoint no longer gets.
  'public.webhook_deliveries': ['INSERT', 'UPDATE'],
  'public.change_quotes': ['INSERT'],
} as const;

export const ACCESS: Readonly<Record<DatabaseRole, Access>> = {
  flight_bookings_api: { reads: ['public'], hidden: MIGRATIONS, writes: OF_THE_API },

  flight_bookings_worker: {
    // Of the sandbox provider's books the auditor reads what reconciliation compares with ours.
    reads: ['public', 'sandbox_provider'],
    hidden: [...MIGRATIONS, 'public.rate_limits', 'public.codec_sessions'],
    writes: {
      // The schedule is extended day by day. A flight that is on sale is cancelled or moved only.
      'public.carriers': ['INSERT'],
      'public.airports': ['INSERT'],
      'public.flights': ['INSERT', 'UPDATE'],
      'public.flight_cabins': ['INSERT'],
      'public.flight_schedule_days': ['INSERT'],
      'public.flight_schedule_inbound_days': ['INSERT'],
      'public.bookings': ['INSERT', 'UPDATE'],
      // A change replaces the segments of its booking, and seats its passengers anew.
      'public.booking_segments': ['INSERT', 'DELETE'],
      'public.passengers': ['INSERT', 'UPDATE'],
      'public.passenger_seats': ['INSERT', 'DELETE'],
      // The API writes a quote; one that was not used is deleted once it is old.
      'public.change_quotes': ['DELETE'],
      'public.changes': ['INSERT', 'UPDATE'],
      'public.change_segments': ['INSERT'],
      'public.change_seats': ['INSERT'],
      'public.schedule_changes': ['INSERT'],
      'public.booking_schedule_changes': ['INSERT', 'UPDATE'],
      // One that nobody bought is archived once its flight has left; a trigger refuses all else.
      'public.seats': ANY_WRITE,
      'public.unsold_seats': ['INSERT', 'UPDATE'],
      // A request is deleted once every booking that it is about is erased.
      'public.erasure_requests': ['DELETE'],
      'public.booking_events': ['INSERT'],
      'public.idempotency_outcomes': ['INSERT', 'UPDATE'],
      'public.payments': ['INSERT', 'UPDATE'],
      // A refund left to an operator is deleted when its charge turns out to have taken nothing.
      'public.refunds': ANY_WRITE,
      'public.ledger_transactions': ['INSERT'],
      'public.ledger_postings': ['INSERT'],
      'public.provider_events': ['INSERT', 'UPDATE'],
      'public.disputes': ['INSERT', 'UPDATE'],
      // A total that includes a failed refund is deleted.
      'public.provider_refunds': ANY_WRITE,
      // The API accepts a report; the worker puts its payment on record and deletes the report.
      'public.received_payment_events': ['UPDATE', 'DELETE'],
      // What the auditor has checked, and what it must check again.
      'public.audit_progress': ['UPDATE'],
      'public.audit_suspects': ['INSERT', 'DELETE'],
      // A trigger records an event; the worker takes it.
      'public.outgoing_events': ['UPDATE'],
      // Whether one works, and its secret under a new key.
      'public.webhook_endpoints': ['UPDATE'],
      'public.webhook_deliveries': ANY_WRITE,
      // Mails, and whether they are recorded at all.
      'public.mails': ['INSERT', 'UPDATE'],
      'public.mail_delivery': ['UPDATE'],
    },
  },

  flight_bookings_sandbox: {
    reads: ['sandbox_provider'],
    hidden: [],
    writes: {
      'sandbox_provider.payment_intents': ['INSERT', 'UPDATE'],
      'sandbox_provider.refunds': ['INSERT'],
      'sandbox_provider.faults': ['INSERT', 'UPDATE'],
      'sandbox_provider.reports': ['INSERT', 'UPDATE'],
    },
  },
};
