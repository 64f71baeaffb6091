import { condition, proxyActivities, setHandler } from '@temporalio/workflow';
import type { Booking, Shop } from '../shop/shop';
import { paySignal, statusQuery, type TextbookStatus } from './messages';

const activities = proxyActivities<Pick<Shop, 'reserve' | 'charge' | 'confirm' | 'release'>>({
  startToCloseTimeout: '10s',
});

/** A sale as tutorials write it: regular activities, a signal to pay, and a query to ask. */
export async function textbookWorkflow(booking: Booking): Promise<TextbookStatus> {
  let status: TextbookStatus = 'initiated';
  let isPaying = false;
  setHandler(statusQuery, () => status);
  setHandler(paySignal, () => {
    isPaying = true;
  });
  await activities.reserve(booking);
  status = 'pending';
  if (await condition(() => isPaying, '15m')) {
    await activities.charge(booking);
    await activities.confirm(booking);
    status = 'booked';
  } else {
    await activities.release(booking);
    status = 'cancelled';
  }
  return status;
}
