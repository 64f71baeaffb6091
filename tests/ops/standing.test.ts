import { findBrokenRule } from '../../src/domain/broken-rule';
import { explainStanding, type Standing } from '../../src/cli/booking/standing';
import { BOOKING_STATUSES, type BookingStatus } from '../../src/domain/booking-status';

/**
 * What `flights show` says of every way in which the database and Temporal's pages can stand to
 * each other.
 */

const EXECUTIONS = ['RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT'];

const pages = [
  null,
  ...EXECUTIONS.flatMap((execution) =>
    [...BOOKING_STATUSES, null].map((bookingStatus) => ({ execution, bookingStatus })),
  ),
];

const standings: Standing[] = BOOKING_STATUSES.flatMap((status) =>
  [true, false].flatMap((isInDatabase) =>
    pages.flatMap((workflow) =>
      pages.map((cancellation) => ({ status, isInDatabase, workflow, cancellation })),
    ),
  ),
);

/** The rule that reconciliation finds broken in it, some time after the last change. */
function brokenRule({ status, isInDatabase, workflow, cancellation }: Standing) {
  const row = isInDatabase
    ? { id: 'b', status, settledForMs: 60_000, wasSold: true, overForMs: 0 }
    : undefined;
  const isSuperseded =
    workflow?.bookingStatus === 'booked' && cancellation?.bookingStatus === 'cancelled';
  return findBrokenRule(
    row,
    workflow === null
      ? undefined
      : {
          bookingId: 'b',
          state: stateOf(workflow.execution),
          bookingStatus: isSuperseded ? 'cancelled' : (workflow.bookingStatus ?? undefined),
          startedAt: new Date(0),
        },
    new Date(),
  );
}

function stateOf(execution: string): 'running' | 'completed' | 'ended' {
  if (execution === 'RUNNING') return 'running';
  return execution === 'COMPLETED' ? 'completed' : 'ended';
}

test('where a page says otherwise than the database, that is explained, or marked as wrong', () => {
  const silent = standings.filter((standing) => {
    const { status, isInDatabase, workflow } = standing;
    const differs = isInDatabase ? workflow?.bookingStatus !== status : workflow !== null;
    return differs && explainStanding(standing).length === 0 && brokenRule(standing) === undefined;
  });
  // A workflow under way says so a moment later: its attribute follows the database.
  expect(silent.filter(({ workflow }) => workflow?.execution !== 'RUNNING')).toEqual([]);
});

test('where all say the same, nothing is explained away', () => {
  for (const status of ['pending', 'booked', 'cancelled'] as BookingStatus[]) {
    const execution = status === 'pending' ? 'RUNNING' : 'COMPLETED';
    const workflow = { execution, bookingStatus: status };
    const standing = { status, isInDatabase: true, workflow, cancellation: null };
    expect(explainStanding(standing)).toEqual([]);
  }
});

test('a booking that was booked and cancelled later is told with what counts, not as if all agreed', () => {
  for (const execution of EXECUTIONS) {
    const [explained] = explainStanding({
      status: 'cancelled',
      isInDatabase: true,
      workflow: { execution: 'COMPLETED', bookingStatus: 'booked' },
      cancellation: { execution, bookingStatus: 'cancelled' },
    });
    expect(explained).toContain(
      'The page of a closed workflow does not change: it still shows booked',
    );
  }
});

test('a cancellation that changed nothing is not told as one that did', () => {
  for (const execution of EXECUTIONS) {
    const explained = explainStanding({
      status: 'booked',
      isInDatabase: true,
      workflow: { execution: 'COMPLETED', bookingStatus: 'booked' },
      cancellation: { execution, bookingStatus: null },
    });
    expect(explained.join(' ')).toMatch(/nothing (yet|changed)|before it changed anything/);
  }
});
