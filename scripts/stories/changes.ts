import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { holdChange } from '../../src/db/changes/hold-change';
import { paymentUpdated } from '../../src/temporal/contracts/booking';
import { untilSeen, type Shop } from '../../tests/support/shop';
import { make, quoted, quotedBy, sellRoundTrip, untilEnded } from './changed-sales';
import { cancelFlight } from './schedule-changes';

/** Changes of booked bookings, one history for each way that one can end. */
export const CHANGES: Record<string, (shop: Shop) => Promise<WorkflowHandle>> = {
  changed: async (shop) => {
    const { sale, change } = await quoted(shop);
    await make(sale, change);
    return sale.handle;
  },
  'changed-with-a-refund': async (shop) => {
    const { sale, exchanges } = await sellRoundTrip(shop);
    await make(sale, await quotedBy(shop, sale, exchanges));
    return sale.handle;
  },
  'changed-twice-and-cancelled': async (shop) => {
    const { sale, change } = await quoted(shop);
    await make(sale, change);
    const other = await shop.flight();
    await make(sale, await quotedBy(shop, sale, [{ replaces: 0, flightIds: [other.id] }]));
    await shop.cancelSale(sale);
    await sale.outcome();
    return sale.handle;
  },
  'changed-once-the-bank-agrees': async (shop) => {
    const { sale, change } = await quoted(shop);
    shop.provider.setBank('asks_the_customer');
    await make(sale, change);
    shop.provider.setBank('lets_through');
    await sale.handle.signal(paymentUpdated);
    await untilEnded(shop, change);
    return sale.handle;
  },
  'change-declined': async (shop) => {
    const { sale, change } = await quoted(shop);
    await make(sale, { ...change, paymentMethod: 'pm_card_chargeDeclined' });
    return sale.handle;
  },
  'change-never-confirmed': async (shop) => {
    const { sale, change } = await quoted(shop, { salesCloseInSeconds: 8 });
    shop.provider.setBank('asks_the_customer');
    await make(sale, change);
    await untilEnded(shop, change);
    shop.provider.setBank('lets_through');
    return sale.handle;
  },
  'change-refused': async (shop) => {
    const { sale, change } = await quoted(shop);
    await make(sale, { ...change, quoteId: randomUUID() }).catch(() => undefined);
    return sale.handle;
  },
  'change-whose-flight-is-cancelled': async (shop) => {
    const { sale, change, flightId } = await quoted(shop);
    const authorization = shop.provider.pause('authorize');
    const changing = make(sale, change).catch(() => undefined);
    await authorization.reached;
    await cancelFlight(shop, flightId);
    authorization.letIn();
    await changing;
    return sale.handle;
  },
  'change-of-a-silent-provider': async (shop) => {
    const { sale, change } = await quoted(shop);
    shop.provider.lose('requests', 'authorize', 'capture');
    const changing = make(sale, change);
    await untilSeen(async () => (await sale.payments())[1]);
    shop.provider.repair();
    await changing;
    return sale.handle;
  },
  'change-left-unfinished': async (shop) => {
    const { sale, change } = await quoted(shop);
    await sale.handle.terminate();
    await holdChange(shop.db, change, new Date());
    await shop.restore(sale);
    await untilEnded(shop, change);
    await shop.cancelSale(sale);
    await sale.outcome();
    return sale.handle;
  },
};
