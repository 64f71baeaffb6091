import {
  allHandlersFinished,
  condition,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import type { FloorActivities } from './activities';
import { awaitReservation, makePayment, type FloorRequest } from './messages';

const local = proxyLocalActivities<FloorActivities>({ startToCloseTimeout: '6s' });
const { charge } = proxyActivities<FloorActivities>({ startToCloseTimeout: '10s' });

/**
 * The shape of a booking and nothing else: two updates, a deadline, and three activities that do
 * nothing. What it costs is what the shape must cost.
 */
export async function floorWorkflow(request: FloorRequest): Promise<void> {
  let status: 'initiated' | 'pending' | 'paying' | 'booked' | 'cancelled' = 'initiated';
  setHandler(awaitReservation, async () => {
    await condition(() => status !== 'initiated');
    return { status: 'pending' as const };
  });
  setHandler(
    makePayment,
    async (_payment: { amount: number }) => {
      status = 'paying';
      await condition(() => status === 'booked');
      return { status: 'captured' as const };
    },
    {
      validator: (_payment: { amount: number }) => {
        if (status !== 'pending') throw new Error('not payable');
      },
    },
  );
  await local.reserve(request);
  status = 'pending';
  const isPaid = await condition(() => status === 'paying', '15m');
  if (isPaid) {
    await charge();
    await local.confirm();
    status = 'booked';
  } else {
    status = 'cancelled';
  }
  await condition(allHandlersFinished);
}
