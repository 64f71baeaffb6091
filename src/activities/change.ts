import { chargeOf, startChangePayment } from '../db/changes/charge';
import type { ChangeStanding } from '../db/changes/change-standing';
import { listOpenRefundsOfChange } from '../db/changes/change-view';
import { completeChange, type ChangeCapture } from '../db/changes/complete-change';
import { declineChange, failChange } from '../db/changes/fail-change';
import { holdChange } from '../db/changes/hold-change';
import type { ChangeFailure } from '../domain/changes/change';
import { namesOf } from '../payments/providers';
import type { BookingChange, DecidedChange } from '../temporal/contracts/change';
import type { CardPayment, StartedPayment } from '../temporal/contracts/booking';
import type { ActivityDependencies } from './dependencies';
import { refusalsAreFinal } from './refusals';

/** A change that is completed, and the refunds that it made due. */
export interface CompletedChange {
  result: DecidedChange;
  refunds: { refundId: string; paymentId: string }[];
}

/** The activities of a change: short, on PostgreSQL only, and safe to repeat. */
export function changeActivities({ db, providers, limits }: ActivityDependencies) {
  return {
    /** Holds the seats of a change beside those that the booking has. Returns how it stands. */
    async holdChange(change: BookingChange, requestedAt: string): Promise<ChangeStanding> {
      return refusalsAreFinal(() =>
        holdChange(db, change, new Date(requestedAt), limits.maxDeclinesPerHour),
      );
    },

    /** Commits that a change is about to be charged for, before the provider is asked. */
    async startChangePayment(
      change: BookingChange,
      standing: ChangeStanding,
    ): Promise<{ payment: CardPayment; started: StartedPayment }> {
      const payment = chargeOf(change, standing);
      const { changeId } = change;
      const started = await refusalsAreFinal(() =>
        startChangePayment(
          db,
          { changeId, payment },
          providers.current.provider,
          limits.maxDeclinesPerHour,
        ),
      );
      return { payment, started };
    },

    /** Records that the payment of a change was declined, and ends the change. */
    async declineChange(
      change: BookingChange,
      decline: { paymentId: string; declineCode: string },
    ): Promise<DecidedChange> {
      return declineChange(db, change, decline);
    },

    /** Sells the new seats in place of the old ones, and commits what goes back. */
    async completeChange(
      change: BookingChange,
      capture: ChangeCapture | null,
    ): Promise<CompletedChange> {
      const terms = { capture: capture ?? undefined, ourProviders: namesOf(providers) };
      const result = await refusalsAreFinal(() => completeChange(db, change, terms));
      return { result, refunds: await listOpenRefundsOfChange(db, change.changeId) };
    },

    /** Ends a change that was not completed: the booking is as before. Returns whether it did. */
    async failChange(
      change: Pick<BookingChange, 'changeId' | 'fingerprint'>,
      failure: ChangeFailure,
    ): Promise<boolean> {
      return failChange(db, change, failure);
    },
  };
}
