import { Gauge, type Registry } from 'prom-client';
import { readOpenBusiness, type OpenBusiness } from '../../db/audit/open-business-view';
import type { Db } from '../../db/connection';
import { countWaitingMails, type WaitingMails } from '../../db/mails/waiting-view';
import { keptFor } from './kept-for';

/** What is open in the books, and what is still to be sent. */
type Everything = OpenBusiness & { mails: WaitingMails };

async function readEverything(db: Db): Promise<Everything> {
  const [business, mails] = await Promise.all([readOpenBusiness(db), countWaitingMails(db)]);
  return { ...business, mails };
}

/** Shortest interval between two reads of PostgreSQL, however many scrapes there are. */
const KEPT_MS = 10_000;

/**
 * Gauges of what is open in the books: holds, seats, payments under way, refunds, changes, offers.
 *
 * While PostgreSQL is unavailable, `database_up` is 0 and the others are left out: an old number
 * would look like a current one.
 */
export function measureOpenBusiness(registry: Registry, db: Db): void {
  const read = keptFor(KEPT_MS, () => readEverything(db).catch(() => undefined));
  const registers = [registry];

  new Gauge({
    name: 'database_up',
    help: 'Whether PostgreSQL responds to the queries of the other gauges.',
    registers,
    async collect() {
      this.set((await read()) === undefined ? 0 : 1);
    },
  });
  const gauge = (
    name: string,
    help: string,
    valuesOf: (business: Everything) => Record<string, number>,
  ) =>
    new Gauge({
      name,
      help,
      labelNames: ['state'],
      registers,
      async collect() {
        this.reset();
        const business = await read();
        if (business === undefined) return;
        for (const [state, count] of Object.entries(valuesOf(business))) this.set({ state }, count);
      },
    });
  gauge(
    'booking_holds',
    'Pending bookings; `overdue` ones among them are a minute past their deadline with no payment under way.',
    ({ openHolds, overdueHolds }) => ({ open: openHolds, overdue: overdueHolds }),
  );
  gauge(
    'seats',
    'Seats off sale, by state; sold by bookings of the last 24 hours.',
    ({ seatsHeld, seatsSoldLastDay }) => ({
      held: seatsHeld,
      sold_last_day: seatsSoldLastDay,
    }),
  );
  gauge('payments_under_way', 'Charges whose outcome is not known yet, by state.', (business) => ({
    processing: business.paymentsProcessing,
    authorized: business.paymentsAuthorized,
  }));
  gauge('refunds_open', 'Refunds that have not succeeded yet, by state.', (business) => ({
    pending: business.refundsPending,
    needs_operator: business.refundsNeedingOperator,
  }));
  gauge('disputes', 'Disputes of our payments, by state; lost ones ever.', (business) => ({
    open: business.disputesOpen,
    lost: business.disputesLost,
  }));
  gauge(
    'provider_refunds',
    'Booked bookings that were refunded at the provider directly.',
    ({ bookingsRefundedByProvider }) => ({ booked: bookingsRefundedByProvider }),
  );
  gauge(
    'booking_changes',
    'Changes of bookings that are being made; `overdue` ones among them are ten minutes past the time to pay.',
    ({ changesPending, changesOverdue }) => ({ pending: changesPending, overdue: changesOverdue }),
  );
  gauge(
    'schedule_change_offers',
    'What schedule changes leave open: `untold` bookings, `open` offers, and `overdue` ones among these, five minutes past the time to respond.',
    ({ bookingsUntold, offersOpen, offersOverdue }) => ({
      untold: bookingsUntold,
      open: offersOpen,
      overdue: offersOverdue,
    }),
  );
  gauge(
    'mails',
    'Mails to be sent; `overdue` ones among them are about events of a quarter of an hour ago.',
    ({ mails: { due, overdue } }) => ({ due, overdue }),
  );
}
