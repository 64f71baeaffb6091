import type { Booking } from '../../domain/booking';
import type { Change } from '../../domain/changes/change';
import type { Payment } from '../../domain/payment';
import type { BindingRefusal } from '../../temporal/contracts/booking';

/** Amendments: corrected names, and chosen seats. */
export type AmendmentRoute = 'passengers' | 'seats';

export type IdempotentRoute = 'bookings' | 'payments' | 'changes' | AmendmentRoute;

/** A caller's key on one route. */
export interface IdempotencyKey {
  callerId: string;
  route: IdempotentRoute;
  key: string;
}

interface RefusalBody<Code extends string> {
  code: Code;
  detail: string;
}

/**
 * What was decided about a request, and the body that says so. The body is stored and repeated
 * exactly; older rows may lack fields that were added since.
 */
export type Decision =
  | { kind: 'booking_created'; body: Booking }
  | {
      kind: 'booking_refused';
      body: RefusalBody<BindingRefusal> & {
        /** Of the booking, for its erasure. Absent in rows from before the field existed. */
        id?: string | undefined;
      };
    }
  /** Stored by earlier versions only. It binds no key, but the ID of its booking is taken. */
  | { kind: 'hold_limit_reached'; body: RefusalBody<'too_many_holds'> }
  | { kind: 'payment_captured'; body: Payment }
  | {
      kind: 'payment_declined';
      body: RefusalBody<'payment_declined'> & {
        /** Absent in rows from before the field existed. */
        declineCode?: string | undefined;
      };
    }
  /** It showed personal data, which were erased. */
  | { kind: 'erased'; body: null }
  | { kind: 'change_completed'; body: Change }
  | { kind: 'booking_amended'; body: Booking }
  | { kind: 'change_declined'; body: RefusalBody<'payment_declined'> & { declineCode: string } };

/** The decision that a key is bound to, and the digest of the request that it was made for. */
export type Outcome = Decision & { fingerprint: string };
