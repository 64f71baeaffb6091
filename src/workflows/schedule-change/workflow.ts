import {
  allHandlersFinished,
  type ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ScheduleChangeActivities } from '../../activities/schedule-change/activities';
import {
  awaitScheduleChange,
  scheduleChangeState,
  scheduleChangeWorkflowId,
  type ScheduleChangeOrder,
  type ScheduleChangeState,
  type ScheduleChangeWorkflow,
} from '../../temporal/contracts/schedule-change';
import { requireOwnId } from '../messages/identity';
import { passOverUnknownSignals } from '../messages/passed-over';
import { receiveUpdate } from '../messages/receive';
import { requireScheduleChange } from '../messages/shapes';
import { withSummaries } from '../shared/activities';
import { refusalOf } from '../shared/refusals';
import { SettledOnce } from '../shared/settled-once';
import { Timeline } from '../shared/timeline';

/**
 * A flight that is not flown is to be off sale, and its passengers told, within seconds: a worker
 * that dies is noticed by its missing heartbeats.
 */
const activities = withSummaries<ScheduleChangeActivities>(
  {
    applyScheduleChange: 'Take the flight off sale or move it, and list its bookings',
    tellBookings: 'Tell the next bookings',
  },
  (summary) =>
    proxyActivities({
      summary,
      // A page is a few seconds of work, and each booking is told once more at the worst.
      startToCloseTimeout: '2m',
      heartbeatTimeout: '5s',
      retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
    }),
);

/**
 * Carries out what the airline does to a flight: takes it off sale or moves it, then tells each
 * booking that has a seat on it. What becomes of a booking is decided in its own workflow.
 *
 * @throws ApplicationFailure with the refusal's code, such as `flight_departed`: nothing changed.
 */
export async function scheduleChangeWorkflow(
  order: ScheduleChangeOrder,
): Promise<ScheduleChangeState> {
  requireScheduleChange(order);
  requireOwnId(scheduleChangeWorkflowId(order.scheduleChangeId.toLowerCase()));
  const { scheduleChangeId, continued = { told: 0, failed: 0, after: null } } = order;
  const state: ScheduleChangeState = { scheduleChangeId, activity: 'applying', ...continued };
  const applied = new SettledOnce<ApplicationFailure | undefined>();
  const timeline = new Timeline();
  setHandler(scheduleChangeState, () => state, {
    description: 'Returns how far the schedule change is. Takes nothing.',
  });
  receiveUpdate(awaitScheduleChange, {
    takes: 0,
    description: 'Not for people: sent by the API. Waits until the flight is changed.',
    handle: async () => {
      const refusal = await applied.promise;
      if (refusal !== undefined) throw refusal;
      return state;
    },
  });
  passOverUnknownSignals(timeline);
  // A flight that is half dealt with would be worse: Temporal's own Cancel changes nothing.
  return CancellationScope.nonCancellable(async () => {
    if (order.continued === undefined) {
      const refusal = await apply(order);
      applied.set(refusal);
      if (refusal !== undefined) {
        timeline.note(`The flight is not changed: ${refusal.message}`);
        await condition(allHandlersFinished);
        throw refusal;
      }
      timeline.note(`The flight is ${order.kind}: ${order.reason}`);
    } else applied.set(undefined);
    await tellAll(order, state, timeline);
    state.activity = 'closed';
    await condition(allHandlersFinished);
    return state;
  });
}

/** Returns the refusal, if a rule forbids it. */
async function apply(order: ScheduleChangeOrder): Promise<ApplicationFailure | undefined> {
  try {
    await activities.applyScheduleChange(order, new Date().toISOString());
    return undefined;
  } catch (failure) {
    const refusal = refusalOf(failure);
    if (refusal === undefined) throw failure;
    return refusal;
  }
}

/** Tells the bookings page by page, in runs of bounded length. */
async function tellAll(
  order: ScheduleChangeOrder,
  state: ScheduleChangeState,
  timeline: Timeline,
): Promise<void> {
  state.activity = 'telling';
  for (;;) {
    const page = await activities.tellBookings(state.scheduleChangeId, state.after);
    if (page.last === null) break;
    state.told += page.told;
    state.failed += page.failed;
    state.after = page.last;
    timeline.note(`${state.told} bookings are told; ${state.failed} could not be.`);
    if (workflowInfo().continueAsNewSuggested && allHandlersFinished()) {
      const { told, failed, after } = state;
      await continueAsNew<ScheduleChangeWorkflow>({ ...order, continued: { told, failed, after } });
    }
  }
  timeline.note('Every booking of the flight is dealt with, or waits for its customer.');
}
