import { availableActions, BOOKING_STATUSES, canBecome } from './booking';

const LEGAL = [
  'initiated → pending',
  'initiated → cancelled',
  'pending → booked',
  'pending → cancelled',
  'booked → cancelled',
];

const pairs = BOOKING_STATUSES.flatMap((from) => BOOKING_STATUSES.map((to) => [from, to] as const));

test.each(pairs)('%s → %s is a step of a booking only where the design says so', (from, to) => {
  expect(canBecome(from, to)).toBe(LEGAL.includes(`${from} → ${to}`));
});

const NOW = new Date('2026-11-23T10:00:00.000Z');
const LATER = new Date('2026-11-23T10:00:00.001Z');

test('a hold can be paid for or cancelled', () => {
  const hold = { status: 'pending', isBeingPaid: false, departureAt: LATER } as const;
  expect(availableActions(hold, NOW)).toEqual(['pay', 'cancel']);
});

test('a booked booking can be cancelled until its flight departs', () => {
  const booked = { status: 'booked', isBeingPaid: false, departureAt: LATER } as const;
  expect(availableActions(booked, NOW)).toEqual(['cancel']);
  expect(availableActions(booked, LATER)).toEqual([]);
});

test('a booking that is being paid for can be neither paid nor cancelled', () => {
  const hold = { status: 'pending', isBeingPaid: true, departureAt: LATER } as const;
  expect(availableActions(hold, NOW)).toEqual([]);
});

test.each(['initiated', 'cancelled'] as const)(
  'nothing can be done with a booking that is %s',
  (status) => {
    expect(availableActions({ status, isBeingPaid: false, departureAt: LATER }, NOW)).toEqual([]);
  },
);
