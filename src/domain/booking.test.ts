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

test('a hold can be paid for or cancelled', () => {
  expect(availableActions({ status: 'pending', isBeingPaid: false })).toEqual(['pay', 'cancel']);
});

test('a booking that is being paid for can be neither paid nor cancelled', () => {
  expect(availableActions({ status: 'pending', isBeingPaid: true })).toEqual([]);
});

test.each(['initiated', 'cancelled'] as const)(
  'nothing can be done with a booking that is %s',
  (status) => {
    expect(availableActions({ status, isBeingPaid: false })).toEqual([]);
  },
);
