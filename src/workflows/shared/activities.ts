import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  AmendmentActivities,
  BackgroundActivities,
  ChangeActivities,
  DatabaseActivities,
  ProviderActivities,
  RefundStarterActivities,
  RefundWaiterActivities,
  SaleRefundActivities,
} from '../../activities';
import { backgroundTaskQueue } from '../../temporal/contracts/background';

/**
 * The activities of a booking, and how long each may take.
 *
 * Database activities are local activities: they run inside the workflow task, so that creating a
 * booking costs one task only. They are retried every second at most, for as long as it takes. A
 * deadline that came while PostgreSQL was away is kept within two seconds of its return.
 */
const databaseActivity = {
  // Ten times what the slowest statement needs. The pool and the statements have shorter limits of
  // their own.
  startToCloseTimeout: '6s',
  retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '1s' },
} as const;

/** Amendments. Local activities, as above. */
export const amendmentDatabase = withSummaries<AmendmentActivities>(
  {
    correctName: 'Correct the name of a passenger',
    chooseSeats: 'Move passengers to other seats',
  },
  (summary) => proxyLocalActivities({ ...databaseActivity, summary }),
);

/** The steps of a change. Local activities, as above. */
export const changeDatabase = withSummaries<ChangeActivities>(
  {
    holdChange: 'Hold the new seats beside the old ones',
    startChangePayment: 'Record the payment of the change, before the provider is asked',
    declineChange: 'Record that the card was declined, and end the change',
    completeChange: 'Sell the new seats in place of the old ones',
    failChange: 'End the change: the booking is as before',
  },
  (summary) => proxyLocalActivities({ ...databaseActivity, summary }),
);

const CANCELS_HOLD = 'Cancel the booking, and put its seats back on sale';
const CANCELS_SALE = 'Cancel the booking, release its seats, and record the refund';

export const database = withSummaries<
  Omit<
    DatabaseActivities,
    'reserveSeats' | 'restoreBooking' | 'recordUnappliedPayment' | 'notePaymentRetry'
  >
>(
  {
    releaseSeats: CANCELS_HOLD,
    startPayment: 'Record the payment, before the provider is asked',
    recordDecline: 'Record that the card was declined',
    confirmBooking: 'Sell the seats for the captured payment',
    confirmExternallyPaidBooking: 'Sell the seats for the payment of another service',
    tellOfScheduleChange: 'Read what has changed, and offer it to the booking’s owner',
    acceptScheduleChange: 'Accept the new times',
    closeScheduleChange: 'Carry out what follows when nobody has responded',
    cancelSale: CANCELS_SALE,
    leaveRefundToOperator: 'Leave the refund to an operator',
    noteRefundRetry: 'Record who has the provider asked again, and why',
    settleRefund: 'Record who has returned the money, and how',
  },
  (summary) => proxyLocalActivities({ ...databaseActivity, summary }),
);

/**
 * Database activities that run concurrently with others, since messages come at any time. They must
 * not be local activities: a replay resolves concurrent ones in the order in which they began. If
 * they had completed in another order, the replay would differ from the history.
 */
export const concurrentDatabase = withSummaries<
  Pick<DatabaseActivities, 'recordUnappliedPayment' | 'releaseSeats' | 'notePaymentRetry'>
>(
  {
    recordUnappliedPayment: 'Record money that pays for nothing',
    releaseSeats: 'Make sure that no seat is held',
    notePaymentRetry: 'Record who has the provider asked again, and why',
  },
  (summary) => proxyActivities({ ...databaseActivity, summary }),
);

/**
 * Database activities that a message alone has asked for, and that what comes next depends on. They are
 * no local activities: Temporal keeps a message on record with the task that it led to, and can lose
 * both until that task has ended. What a local activity had done by then would be known to the database
 * alone.
 */
export const recordedDatabase = withSummaries<
  Pick<DatabaseActivities, 'cancelSale' | 'releaseSeats'>
>({ cancelSale: CANCELS_SALE, releaseSeats: CANCELS_HOLD }, (summary) =>
  proxyActivities({ ...databaseActivity, summary }),
);

/** Gives each activity the summary that an operator reads on the workflow's page. */
export function withSummaries<Activities extends object>(
  summaries: Record<keyof Activities & string, string>,
  proxy: (summary: string) => Activities,
): Activities {
  const names = Object.keys(summaries) as (keyof Activities & string)[];
  const activities = names.map((name) => [name, proxy(summaries[name])[name]] as const);
  return Object.fromEntries(activities) as unknown as Activities;
}

/** A customer who has waited five minutes for seats has gone: the booking is cancelled instead. */
export const { reserveSeats } = proxyLocalActivities<Pick<DatabaseActivities, 'reserveSeats'>>({
  ...databaseActivity,
  summary: 'Hold the seats until the deadline, or refuse the booking',
  scheduleToCloseTimeout: '5m',
});

/** Reads what there is of a sold booking. The caller waits for as long as it takes. */
export const { restoreBooking } = proxyLocalActivities<Pick<DatabaseActivities, 'restoreBooking'>>({
  ...databaseActivity,
  summary: 'Read the booking, to take it up again',
});

/** An hour: if a provider is away for longer, an operator has to contact it. */
export const REVERSAL_TIMEOUT_MS = 60 * 60 * 1000;

/**
 * How long a provider may take for one response before it is asked again; the slowest ones need
 * three seconds.
 */
const PROVIDER_ANSWER = '5s';

/**
 * Returns activities that ask the provider under the same key, retried until `limitMs` have passed;
 * `summary` tells an operator what for. A provider that stays silent is asked again at least every
 * `maximumInterval`.
 */
export function providerActivities(
  limitMs: number,
  summary: string,
  { maximumInterval = '10s' }: { maximumInterval?: '10s' | '30s' } = {},
) {
  return proxyActivities<ProviderActivities>({
    summary,
    startToCloseTimeout: PROVIDER_ANSWER,
    scheduleToCloseTimeout: limitMs,
    // A try that is cancelled while it runs is waited for: otherwise two tries could overlap. Set
    // explicitly, whatever the SDK's documentation gives as its default.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval },
  });
}

/** A whole card payment in one activity. Its steps are repeated one by one if it fails. */
export const { payByCard } = proxyActivities<Pick<ProviderActivities, 'payByCard'>>({
  summary: "Charge the customer's card, and sell the seats",
  startToCloseTimeout: PROVIDER_ANSWER,
  retry: { maximumAttempts: 1 },
});

/**
 * Waits until no refund of a booking is open, for months if an operator must return money. As long
 * as one is, the activity fails, and Temporal tries it again: that adds nothing to the history.
 */
export const { awaitRefunds } = proxyActivities<RefundWaiterActivities>({
  summary: 'Wait until no refund of the booking is open',
  startToCloseTimeout: '6s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '1m' },
});

/**
 * Refunds a cancelled sale: each provider is asked once, and what that does not settle is handed
 * over to a workflow of its own.
 */
export const { refundSale } = proxyActivities<SaleRefundActivities>({
  summary: 'Refund the money',
  startToCloseTimeout: PROVIDER_ANSWER,
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
});

/**
 * Returns the activities that no customer waits for. They wait their turn in a task queue of their
 * own. One that is cancelled before its turn does nothing; one that runs is waited for.
 */
export function backgroundActivities() {
  return withSummaries<BackgroundActivities>(
    { concludeScheduleChange: 'Carry out what follows when nobody has responded' },
    (summary) =>
      proxyActivities({
        summary,
        taskQueue: backgroundTaskQueue(workflowInfo().taskQueue),
        // A transaction, and one response of a provider.
        startToCloseTimeout: '10s',
        cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
      }),
  );
}

/** Hands a payment over to a workflow of its own, which refunds what is owed of it. */
export const { startRefund } = proxyActivities<RefundStarterActivities>({
  summary: 'Start the workflow that refunds the money',
  startToCloseTimeout: '5s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
});
