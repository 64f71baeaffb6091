import fc from 'fast-check';
import {
  correctedName,
  editDistance,
  isCorrectableAt,
  isNearEnough,
  type FullName,
} from './name-correction';

const ADA: FullName = { givenName: 'Ada', familyName: 'Lovelace' };

test.each([
  ['Lovelace', 'Lovelace', 0],
  ['Lovelace', 'Lovelase', 1],
  ['Lovelace', 'Lovlace', 1],
  ['', 'Ada', 3],
  ['Müller', 'Muller', 1],
  ['Mu\u0308ller', 'M\u00fcller', 0],
  ['Müller', 'Mueller', 2],
  // Letters beyond the basic plane count once.
  ['\u{20bb7}田', '吉田', 1],
  ['\u{1e922}\u{1e943}', '\u{1e923}\u{1e943}', 1],
  // A letter with a vowel sign is one.
  ['कि', 'की', 1],
])('from %s to %s are %i letters', (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance);
});

test('the distance is a metric: zero between equals only, the same both ways, no longer by a third', () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 8 });
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      expect(editDistance(a, b) === 0).toBe(a.normalize('NFC') === b.normalize('NFC'));
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
    }),
  );
});

test('three letters of both names together may differ from those that were booked first', () => {
  expect(isNearEnough(ADA, { givenName: 'Adah', familyName: 'Lovelase' })).toBe(true);
  expect(isNearEnough(ADA, { givenName: 'Adele', familyName: 'Lovelace' })).toBe(true);
  expect(isNearEnough(ADA, { givenName: 'Adele', familyName: 'Lovelase' })).toBe(false);
  expect(isNearEnough(ADA, { givenName: 'Lovelace', familyName: 'Ada' })).toBe(false);
});

test('a given name that is missing has no letters', () => {
  const single: FullName = { givenName: null, familyName: 'Lovelace' };
  expect(isNearEnough(single, ADA)).toBe(true);
  expect(isNearEnough(ADA, single)).toBe(true);
  expect(isNearEnough(single, { givenName: 'Anna', familyName: 'Lovelace' })).toBe(false);
});

test('what a correction leaves out stays; null removes the given name', () => {
  expect(correctedName(ADA, { familyName: 'Byron' })).toEqual({ ...ADA, familyName: 'Byron' });
  expect(correctedName(ADA, { givenName: null })).toEqual({ ...ADA, givenName: null });
});

test('names are corrected until two hours before the first departure', () => {
  const departureAt = new Date('2027-03-01T12:00:00.000Z');
  expect(isCorrectableAt(departureAt, new Date('2027-03-01T09:59:59.999Z'))).toBe(true);
  expect(isCorrectableAt(departureAt, new Date('2027-03-01T10:00:00.000Z'))).toBe(false);
});
