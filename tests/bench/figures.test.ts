import { figuresOf, ownOf } from '../../bench/report/figures';
import { spreadOf } from '../../bench/report/numbers';
import { measurement } from './measurements';

test('a figure of several rounds is their median, with the least and the most', () => {
  expect(spreadOf([9, 1, 4])).toEqual({ median: 4, least: 1, most: 9 });
  expect(spreadOf([4, 2])).toEqual({ median: 3, least: 2, most: 4 });
  expect(spreadOf([])).toBeUndefined();
});

test('what was counted is told per booking, each round by its own bookings', () => {
  const figures = figuresOf([measurement(), measurement({ bookings: 200 })]);
  expect(figures.bookingsPerSecond).toEqual({ median: 15, least: 10, most: 20 });
  expect(figures.cpuMs).toEqual({ median: 75, least: 50, most: 100 });
  expect(figures.cpuMsByPart.worker?.most).toBe(80);
  expect(figures.walKb.most).toBe(10);
});

test('statements of the provider and of rate limits are not counted as the bookings', () => {
  expect(ownOf(figuresOf([measurement()]).statementsByRole)).toBe(15);
});

test('workflow tasks that timed out are counted over all rounds', () => {
  const round = measurement();
  expect(figuresOf([round, measurement()])).toMatchObject({ timedOutTasks: 2, workflows: 20 });
});

test('a process that was started again leaves its part out instead of a wrong figure', () => {
  const { usage, ...rest } = measurement();
  const parts = { ...usage?.parts, worker: null };
  const figures = figuresOf([
    { ...rest, usage: { benchCpuMs: 0, otherPrograms: 0, busy: 0, parts } },
  ]);
  expect(figures.cpuMsByPart.worker).toBeUndefined();
});

test('no round that sold nothing divides by zero', () => {
  expect(figuresOf([measurement({ bookings: 0 })]).cpuMs.median).toBe(10_000);
});
