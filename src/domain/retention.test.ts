import { erasableBefore } from './retention';

const NOW = new Date('2027-03-31T12:00:00.000Z');

test('data are kept for as many days after departure as is set, and never for less than seven', () => {
  expect(erasableBefore(NOW, 30)).toEqual(new Date('2027-03-01T12:00:00.000Z'));
  expect(erasableBefore(NOW, 1)).toEqual(new Date('2027-03-24T12:00:00.000Z'));
  expect(erasableBefore(NOW)).toEqual(new Date('2027-03-24T12:00:00.000Z'));
});
