import { isEmailAddress } from './email-address';

/** Whoever can receive mail can book, whatever script their address is written in. */

const CODE_POINTS = Array.from({ length: 0x1_0000 }, (_, code) => code);

const characters = (pattern: RegExp) =>
  CODE_POINTS.map((code) => String.fromCharCode(code)).filter((char) => pattern.test(char));

test.each([
  'ada@example.com',
  'Ada.Lovelace+trip@mail.example.co.uk',
  "o'neill_{}|~!#$%&*/=?^`@example.com",
  'a@b.cd',
  'user@räucher.de',
  'user@xn--rucher-bua.de',
  'user@RÄUCHER.DE',
  'jörg@example.com',
  'иван@пример.рф',
  '用户@例子.广告',
  'उपयोगकर्ता@उदाहरण.कॉम',
  'क्\u200dष@example.com',
  'χρήστης@παράδειγμα.ελ',
  '"ada lovelace"@example.com',
  '"ada@home"@example.com',
  '"a\\"b"@example.com',
  `${'a'.repeat(64)}@example.com`,
  `a@${'b'.repeat(63)}.com`,
  '123@123.com',
])('mail can be sent to %s', (address) => {
  expect(isEmailAddress(address)).toBe(true);
});

test.each([
  '',
  '@',
  'ada',
  'ada@',
  '@example.com',
  'ada@example',
  'ada@localhost',
  'ada@@example.com',
  'ada@home@example.com',
  '.ada@example.com',
  'ada.@example.com',
  'a..da@example.com',
  'ada lovelace@example.com',
  'Ada <ada@example.com>',
  'ada@example.com, eve@example.com',
  'ada@example.com;eve@example.com',
  'ada@exa mple.com',
  'ada@exam_ple.com',
  'ada@-example.com',
  'ada@example-.com',
  'ada@example..com',
  'ada@.example.com',
  'ada@example.com.',
  'ada@192.0.2.1',
  'ada@[192.0.2.1]',
  'ada@0x7f.1',
  'ada@ex%61mple.com',
  'ada@xn--a.de',
  'ada@XN--A.de',
  'ada@mail.xn--example-.de',
  'ada@xn--xn---epa.de',
  'ada@☃.net',
  '"ada@example.com',
  '"a"da"@example.com',
  '"a\u0000"@example.com',
  'ada@example.com\nBcc: eve@example.com',
  `${'a'.repeat(65)}@example.com`,
  `${'ä'.repeat(33)}@example.com`,
  `a@${'b'.repeat(64)}.com`,
  `a@${'ä'.repeat(60)}.com`,
  `a@${'b.'.repeat(126)}com`,
  `${'ä'.repeat(32)}@${'example.'.repeat(24)}com`,
])('no mail can be sent to %j', (address) => {
  expect(isEmailAddress(address)).toBe(false);
});

test.each([
  ['control', /\p{Cc}/u],
  ['format', /\p{Cf}/u],
  ['blank', /[\p{Z}]/u],
  ['ignorable', /\p{Default_Ignorable_Code_Point}/u],
])('no %s character is taken anywhere', (_, kind) => {
  const accepted = characters(kind).filter((char) =>
    [
      `a${char}b@example.com`,
      `ab${char}@example.com`,
      `ab@exam${char}ple.com`,
      `ab@example.com${char}`,
    ]
      .concat(char === ' ' ? [] : [`"a${char}b"@example.com`])
      .some(isEmailAddress),
  );
  expect(accepted).toEqual([]);
});
