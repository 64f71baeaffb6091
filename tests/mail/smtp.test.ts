import { compose } from '../../src/notifications/mail/compose';
import { messageIdOf } from '../../src/notifications/mail/message-id';
import { openMailServer, type MailServer } from '../../src/notifications/mail/smtp';
import { freePort } from '../../scripts/stack/ports';
import { SAMPLES, SENDER } from '../support/mail-samples';
import { openMailbox, type TestMailServer } from '../support/mail-server';

let mailbox: TestMailServer;
let server: MailServer;

const serverOn = (port: number) =>
  openMailServer(
    { host: '127.0.0.1', port, isSecure: false, requiresTls: false, login: null },
    SENDER,
  );

beforeEach(async () => {
  mailbox = await openMailbox();
  server = serverOn(mailbox.port);
});

afterEach(async () => {
  server.close();
  await mailbox.close();
});

const mailTo = (to: string) => ({
  ...compose(SAMPLES.booked, SENDER),
  to,
  messageId: messageIdOf('7c1d8f5e-0000-4000-8000-000000000001', SENDER),
});

test('a mail arrives as text, as HTML and with its calendar file, from the sender', async () => {
  expect(await server.send(mailTo('ada@example.com'))).toEqual({ outcome: 'accepted' });

  const [{ recipient, email } = { recipient: '', email: undefined }] = mailbox.mails;
  expect(recipient).toBe('ada@example.com');
  expect(email).toMatchObject({
    from: { name: 'Flight Bookings', address: 'bookings@airline.example' },
    subject: compose(SAMPLES.booked, SENDER).subject,
    messageId: '<7c1d8f5e-0000-4000-8000-000000000001@airline.example>',
  });
  expect(email?.text?.replaceAll('\r\n', '\n').trim()).toBe(
    compose(SAMPLES.booked, SENDER).text.trim(),
  );
  expect(email?.html).toContain('Your booking is confirmed');
  expect(email?.attachments).toMatchObject([
    { filename: 'flights.ics', mimeType: 'text/calendar', method: 'PUBLISH' },
  ]);
});

test('programs that answer mails automatically leave ours alone', async () => {
  await server.send(mailTo('ada@example.com'));
  const headers = mailbox.mails[0]?.email.headers ?? [];
  expect(headers).toContainEqual(
    expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }),
  );
});

test.each([
  'ada.lovelace+flights@example.com',
  "o'brien@example.com",
  'ünï@example.com',
  'ada@bücher.example',
])('the mail for %s goes to this address, and to no other', async (address) => {
  expect(await server.send(mailTo(address))).toEqual({ outcome: 'accepted' });
  expect(mailbox.mails.map(({ recipient }) => recipient)).toEqual([address]);
});

test.each([550, 552, 553, 554])('a mailbox that says %d never gets the mail', async (code) => {
  mailbox.behaviour.recipient = () => code;
  expect(await server.send(mailTo('ada@example.com'))).toEqual({ outcome: 'refused', code });
});

test('a server that refuses the mail for what it says never gets it again', async () => {
  mailbox.behaviour.message = () => 554;
  expect(await server.send(mailTo('ada@example.com'))).toEqual({ outcome: 'refused', code: 554 });
});

test.each([450, 451, 452])('a server that says %d gets the mail later', async (code) => {
  mailbox.behaviour.recipient = () => code;
  expect(await server.send(mailTo('ada@example.com'))).toMatchObject({
    outcome: 'postponed',
    code,
  });
});

test.each([
  ['recipient', { recipient: () => 421 }],
  ['mail', { message: () => 421 }],
])(
  'a server that is about to close, and says so of the %s, has refused no mail',
  async (_, saying) => {
    mailbox.behaviour = saying;
    expect(await server.send(mailTo('ada@example.com'))).toMatchObject({
      outcome: 'unavailable',
      code: 421,
    });
  },
);

test('a server that refuses our own address loses no mail: that is for us to mend', async () => {
  mailbox.behaviour.sender = () => 550;
  expect(await server.send(mailTo('ada@example.com'))).toMatchObject({
    outcome: 'unavailable',
    code: 550,
  });
});

test('a server that is away loses no mail', async () => {
  const nobody = serverOn(await freePort());
  expect(await nobody.send(mailTo('ada@example.com'))).toMatchObject({
    outcome: 'unavailable',
    code: null,
  });
  nobody.close();
});

test.each([
  ['sender', { sender: () => 550 }],
  ['recipient', { recipient: () => 550 }],
  ['mail', { message: () => 550 }],
])('what is said of a refused %s holds no address', async (_, refusing) => {
  mailbox.behaviour = refusing;
  const result = await server.send(mailTo('ada@example.com'));
  expect(result).toMatchObject({ code: 550 });
  expect(JSON.stringify(result)).not.toContain('ada');
});

test.each([
  'ada@example.com, mallory@example.com',
  'ada@example.com\r\nBcc: mallory@example.com',
  'ada <mallory@example.com>',
  'friends: mallory@example.com;',
])('a text that is no address reaches none that it names: %j', async (text) => {
  await server.send(mailTo(text));
  expect(mailbox.mails.map(({ recipient }) => recipient)).not.toContain('mallory@example.com');
});

test('a name that looks like a header adds none', async () => {
  const { booking } = SAMPLES.booked;
  const reference = 'K7WQ2M\r\nBcc: mallory@example.com';
  const composed = compose({ ...SAMPLES.booked, booking: { ...booking, reference } }, SENDER);
  await server.send({ ...mailTo('ada@example.com'), ...composed });
  expect(mailbox.mails.map(({ recipient }) => recipient)).toEqual(['ada@example.com']);
  expect(mailbox.mails[0]?.email.bcc ?? []).toEqual([]);
});
