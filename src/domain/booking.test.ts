import { availableActions, BOOKING_STATUSES, canBecome } from './booking';

const LEGAL = [
  'initiated → pending',
  'initiated → cancelled',
  'pending → booked',
  'pending → cancelled',
  'booked → cancelled',
];

const pairs = BOOKING_STATUSES.flatMap((from) => BOOKING_STATUSES.map((to) => [from, to] as const));

test.each(pairs)(
  '%s → %s is a transition of a booking only where the design has it',
  (from, to) => {
    expect(canBecome(from, to)).toBe(LEGAL.includes(`${from} → ${to}`));
  },
);

const NOW = new Date('2026-11-23T10:00:00.000Z');
const LATER = new Date('2026-11-23T10:00:00.001Z');

const HOLD = {
  status: 'pending',
  isBeingPaid: false,
  declines: 0,
  paymentRequiredBy: LATER,
  departureAt: LATER,
  isDisrupted: false,
} as const;

test('a hold can be paid for or cancelled until its deadline', () => {
  expect(availableActions(HOLD, NOW)).toEqual(['pay', 'cancel']);
  expect(availableActions(HOLD, LATER)).toEqual([]);
});

test('after ten declines a hold can only be cancelled', () => {
  expect(availableActions({ ...HOLD, declines: 9 }, NOW)).toEqual(['pay', 'cancel']);
  expect(availableActions({ ...HOLD, declines: 10 }, NOW)).toEqual(['cancel']);
});

test('a booked booking can be cancelled until its flight departs', () => {
  const booked = { ...HOLD, status: 'booked' } as const;
  expect(availableActions(booked, NOW)).toEqual(['cancel']);
  expect(availableActions(booked, LATER)).toEqual([]);
});

test('a booked booking that the airline has disrupted can be cancelled under way', () => {
  const booked = { ...HOLD, status: 'booked', isDisrupted: true } as const;
  expect(availableActions(booked, LATER)).toEqual(['cancel']);
});

test('a booking that is being paid for can be neither paid nor cancelled', () => {
  expect(availableActions({ ...HOLD, isBeingPaid: true }, NOW)).toEqual([]);
});

test.each(['initiated', 'cancelled'] as const)(
  'nothing can be done with a booking that is %s',
  (status) => {
    expect(availableActions({ ...HOLD, status }, NOW)).toEqual([]);
  },
);
