import type { Sale, Shop } from '../support/shop';

/**
 * Expects a request to be on record, with the activity that is to carry it out, before anything is done
 * for it. Returns what came of it.
 */
export async function expectOnRecordFirst<T>(
  shop: Shop,
  sale: Sale,
  { activity, ask }: { activity: string; ask: () => Promise<T> },
): Promise<T> {
  const [asked] = await shop.whileBookingIsLocked(sale, async () => {
    const asked = ask();
    await shop.untilSomeoneWaits();
    const { events } = await sale.handle.fetchHistory();
    const last = (events ?? []).slice(-2);
    expect(last[0]?.workflowExecutionUpdateAcceptedEventAttributes).toBeDefined();
    expect(last[1]?.activityTaskScheduledEventAttributes?.activityType?.name).toBe(activity);
    return [asked];
  });
  return asked;
}
