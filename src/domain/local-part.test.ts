import { isLocalPart, shortestLocalPart } from './local-part';

/** The part of an e-mail address before its `@`. */

test.each([
  ['ada', ['"ada"', String.raw`"\a\d\a"`, String.raw`"a\da"`]],
  ['ada.king+trip', ['"ada.king+trip"', String.raw`"ada\.king\+trip"`]],
  ['jörg', ['"jörg"', String.raw`"\jör\g"`]],
  ['"ada king"', [String.raw`"ada\ king"`]],
  [String.raw`"a\"b"`, [String.raw`"\a\"\b"`]],
  [String.raw`"a\\b"`, [String.raw`"\a\\\b"`]],
  ['"ada@home"', [String.raw`"ada\@home"`]],
  ['"ada."', [String.raw`"ada\."`]],
  ['""', []],
])('%s is the shortest spelling of its mailbox', (shortest, others) => {
  for (const spelling of [shortest, ...others]) {
    expect(isLocalPart(spelling)).toBe(true);
    expect(shortestLocalPart(spelling)).toBe(shortest);
  }
});

test.each(['ada king', '"ada', '"', '"a"b"', '.ada', ''])('%j is none, and stays so', (text) => {
  expect(isLocalPart(text)).toBe(false);
  expect(shortestLocalPart(text)).toBe(text);
});
