import { findScheduleChangeFault, isAsRequested, type ChangeableFlight } from './schedule-change';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const NOW = new Date('2027-03-01T12:00:00.000Z');

function later(ms: number): Date {
  return new Date(NOW.getTime() + ms);
}

const FLIGHT: ChangeableFlight = {
  status: 'scheduled',
  departureAt: later(10 * DAY_MS),
  arrivalAt: later(10 * DAY_MS + 5 * HOUR_MS),
};

function movedTo(departsAfterMs: number, fliesMs = 5 * HOUR_MS) {
  return {
    kind: 'moved',
    departureAt: later(departsAfterMs),
    arrivalAt: later(departsAfterMs + fliesMs),
  } as const;
}

test.each([
  ['cancelled', { kind: 'cancelled' } as const],
  ['moved to a later time', movedTo(11 * DAY_MS)],
  ['moved to an earlier time', movedTo(9 * DAY_MS)],
  ['delayed on its way only', movedTo(10 * DAY_MS, 6 * HOUR_MS)],
  ['moved by a week', movedTo(17 * DAY_MS)],
])('a flight can be %s', (_what, request) => {
  expect(findScheduleChangeFault(FLIGHT, request, NOW)).toBeUndefined();
});

test('a flight that was moved can be moved again, and back', () => {
  const moved = { ...FLIGHT, status: 'moved' } as const;
  expect(findScheduleChangeFault(moved, movedTo(11 * DAY_MS), NOW)).toBeUndefined();
});

test.each([
  ['it would have departed', movedTo(0), 'departure_in_the_past'],
  ['it would arrive when it departs', movedTo(DAY_MS, 0), 'arrival_out_of_range'],
  ['it would arrive before it departs', movedTo(DAY_MS, -1), 'arrival_out_of_range'],
  ['it would fly for over a day', movedTo(9 * DAY_MS, DAY_MS + 1), 'arrival_out_of_range'],
  ['it is over a week from now', movedTo(17 * DAY_MS + 1), 'moved_too_far'],
  ['it has these times already', movedTo(10 * DAY_MS), 'same_times'],
])('a flight is not moved when %s', (_why, request, fault) => {
  expect(findScheduleChangeFault(FLIGHT, request, NOW)).toBe(fault);
});

test.each([[{ kind: 'cancelled' } as const], [movedTo(11 * DAY_MS)]])(
  'neither a departed flight nor a cancelled one is changed: $kind',
  (request) => {
    const departed = { ...FLIGHT, departureAt: NOW };
    expect(findScheduleChangeFault(departed, request, NOW)).toBe('flight_departed');
    const cancelled = { ...FLIGHT, status: 'cancelled' } as const;
    expect(findScheduleChangeFault(cancelled, request, NOW)).toBe('already_cancelled');
  },
);

test('a flight is as requested when it has both times, or does not fly where that was asked for', () => {
  const cancelled = { ...FLIGHT, status: 'cancelled' } as const;
  expect(isAsRequested(FLIGHT, movedTo(10 * DAY_MS))).toBe(true);
  expect(isAsRequested(FLIGHT, movedTo(11 * DAY_MS))).toBe(false);
  expect(isAsRequested(FLIGHT, movedTo(10 * DAY_MS, 6 * HOUR_MS))).toBe(false);
  expect(isAsRequested(FLIGHT, { kind: 'cancelled' })).toBe(false);
  expect(isAsRequested(cancelled, { kind: 'cancelled' })).toBe(true);
  expect(isAsRequested(cancelled, movedTo(10 * DAY_MS))).toBe(false);
});
