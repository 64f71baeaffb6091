import { changeTermsOf } from '../fare';
import { findChangeObstacle } from './change';

const NOON = new Date('2027-03-01T12:00:00.000Z');
const later = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);

const BOOKED = {
  status: 'booked',
  changeable: true,
  departureAt: later(60),
  isChanging: false,
  isDisrupted: false,
} as const;

test.each([
  ['a booked booking of a standard fare can be changed', BOOKED, undefined],
  ['a pending one can not', { ...BOOKED, status: 'pending' }, 'booking_not_changeable'],
  ['a cancelled one can not', { ...BOOKED, status: 'cancelled' }, 'booking_not_changeable'],
  ['a saver fare can not', { ...BOOKED, changeable: false }, 'booking_not_changeable'],
  ['one that has begun can not', { ...BOOKED, departureAt: NOON }, 'booking_not_changeable'],
  [
    'what the airline has disrupted can, whatever its fare says, and under way',
    { ...BOOKED, isDisrupted: true, changeable: false, departureAt: NOON },
    undefined,
  ],
  ['one that is being changed has to wait', { ...BOOKED, isChanging: true }, 'change_in_progress'],
] as const)('%s', (_rule, booking, obstacle) => {
  expect(findChangeObstacle(booking, NOON)).toBe(obstacle);
});

test.each([
  ['a standard fare costs half of its cancellation fee', true, 7_501, true, 3_751],
  ['a saver fare is not changed, at no price', false, 30_000, false, 0],
])('a change of %s', (_fare, refundable, cancellationFee, changeable, changeFee) => {
  const conditions = { refundable, cancellationFee: { amount: cancellationFee, currency: 'USD' } };
  expect(changeTermsOf(conditions)).toEqual({
    changeable,
    changeFee: { amount: changeFee, currency: 'USD' },
  });
});
