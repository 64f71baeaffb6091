import { parseSender, parseSmtpUrl } from './mail-settings';

const PLAIN = { isSecure: false, requiresTls: false, login: null };

test.each([
  ['smtp://mail.example', { ...PLAIN, host: 'mail.example', port: 587 }],
  ['smtp://127.0.0.1:2525', { ...PLAIN, host: '127.0.0.1', port: 2525 }],
  ['smtp://[::1]:2525', { ...PLAIN, host: '::1', port: 2525 }],
  [
    'smtp://mail.example?requireTLS=true',
    { ...PLAIN, host: 'mail.example', port: 587, requiresTls: true },
  ],
  ['smtps://mail.example', { ...PLAIN, host: 'mail.example', port: 465, isSecure: true }],
  [
    'smtps://me%40shop:p%2Fw%3A@mail.example:4650',
    {
      host: 'mail.example',
      port: 4650,
      isSecure: true,
      requiresTls: false,
      login: { user: 'me@shop', password: 'p/w:' },
    },
  ],
])('%s is a mail server', (url, server) => {
  expect(parseSmtpUrl(url)).toEqual(server);
});

test.each([
  '',
  'mail.example',
  'http://mail.example',
  'smtp://',
  'smtp://mail.example/inbox',
  'smtp://user@mail.example',
  'smtp://mail.example?tls.rejectUnauthorized=false',
  'smtp://mail.example?requireTLS=false',
  'smtp://mail.example#x',
  'smtp://mail.example:99999',
  'smtp://a%ZZ:b@mail.example',
])('"%s" is none, and no option is passed on that nobody has thought of', (url) => {
  expect(parseSmtpUrl(url)).toBeUndefined();
});

test.each([
  ['mail@airline.example', { name: 'Flight Bookings', address: 'mail@airline.example' }],
  ['Airline <mail@airline.example>', { name: 'Airline', address: 'mail@airline.example' }],
  ['"Air, Line" <mail@airline.example>', { name: 'Air, Line', address: 'mail@airline.example' }],
  ['Ælfric Air <mail@airline.example>', { name: 'Ælfric Air', address: 'mail@airline.example' }],
])('%s sends mails', (from, sender) => {
  expect(parseSender(from)).toEqual(sender);
});

test.each([
  '',
  'Airline',
  'Airline <mail>',
  'a@b.example, c@d.example',
  'Airline\r\nBcc: <mail@airline.example>',
  '<mail@airline.example>',
])('%j sends none', (from) => {
  expect(parseSender(from)).toBeUndefined();
});
