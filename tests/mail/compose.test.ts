import { compose } from '../../src/notifications/mail/compose';
import type { Booking } from '../../src/domain/booking';
import { amountText } from '../../src/notifications/mail/amounts';
import {
  bookingOf,
  BOSTON,
  disrupted,
  flight,
  mailOf,
  movedBy,
  NEWARK,
  PENDING,
  ROUND_TRIP,
  SAMPLES,
  SENDER,
  TO_HONOLULU,
} from '../support/mail-samples';

/** The HTML of a mail as a reader sees it: without tags, references resolved. */
function readHtml(html: string): string {
  const references: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return html
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/<\/?(?:strong|span|bdi)[^>]*>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => references[name] ?? '')
    .replace(/\s+/g, ' ');
}

/** What a mail says, as text and as HTML. */
function read(mail: Parameters<typeof compose>[0]): string[] {
  const { text, html } = compose(mail, SENDER);
  return [text.replace(/\s+/g, ' '), readHtml(html)];
}

const kinds = Object.entries(SAMPLES);

test.each(kinds)('a mail of the kind %s leaves no placeholder and no empty value', (_, mail) => {
  const { subject, text, html } = compose(mail, SENDER);
  for (const part of [subject, text, html])
    expect(part).not.toMatch(/undefined|null|NaN|\[object|<%/);
});

test.each(kinds)(
  'a mail of the kind %s names the booking and its way in the subject',
  (_, mail) => {
    const { subject } = compose(mail, SENDER);
    expect(subject).toContain('K7WQ2M');
    expect(subject).toContain('BOS–EWR–SFO');
  },
);

test.each(kinds)('the subject of a mail of the kind %s names no passenger', (_, mail) => {
  expect(compose(mail, SENDER).subject).not.toContain('Lovelace');
});

test('who holds seats reads what to pay, and until when, by the clock where the way begins', () => {
  for (const text of read(SAMPLES.held)) {
    expect(text).toContain('Please pay $1,048.74 by 10:45 AM EST on Friday, November 27, 2026.');
  }
});

test('who has booked gets receipt, itinerary, seats and a calendar file', () => {
  const { calendar } = compose(SAMPLES.booked, SENDER);
  for (const text of read(SAMPLES.booked)) {
    for (const fact of [
      /Fare \$880\.00/,
      /Taxes \$132\.74/,
      /Total \$1,048\.74/,
      /Paid: \$1,048\.74 at 10:34 AM EST on Friday, November 27, 2026/,
      /7:05 AM EST/,
      /1:24 PM PST/,
      /Connection in EWR: 1 h 38 min/,
      /UA512 14A/,
      /Anne.*infant/,
    ])
      expect(text).toMatch(fact);
  }
  expect(calendar).toContain('BEGIN:VEVENT');
});

test('a seat of one flight needs no flight number beside it', () => {
  const oneFlight = bookingOf(ROUND_TRIP.slice(1));
  expect(compose(mailOf('booked', oneFlight), SENDER).text).toContain('Ada Lovelace: 14A');
});

test('a calendar has nothing to learn of seats that are held, nor of an unpaid booking', () => {
  expect(compose(SAMPLES.held, SENDER).calendar).toBeNull();
  const unpaid = {
    ...PENDING,
    status: 'cancelled',
    cancellationReason: 'payment_expired',
  } as const;
  expect(compose(mailOf('cancelled', unpaid), SENDER).calendar).toBeNull();
});

test('who has cancelled reads what is refunded; the flights leave the calendar', () => {
  for (const text of read(SAMPLES.cancelled)) {
    expect(text).toContain('It was cancelled as you asked.');
    expect(text).toContain('We are refunding $948.74');
  }
  expect(compose(SAMPLES.cancelled, SENDER).calendar).toContain('STATUS:CANCELLED');
});

test.each<[string, Partial<Booking>, string]>([
  ['was never charged', { payment: null, refund: null }, 'You have not been charged.'],
  ['had a fare that is not refundable', { refund: null }, 'nothing is refunded'],
  [
    'has got the money back',
    { refund: { status: 'succeeded', amount: 94_874, currency: 'USD' } },
    'We have refunded $948.74',
  ],
  [
    'is owed money that a person must return',
    { refund: { status: 'needs_operator', amount: 94_874, currency: 'USD' } },
    'We owe you $948.74.',
  ],
])('who cancelled and %s reads so', (_, changes, sentence) => {
  const { booking } = SAMPLES.cancelled;
  const mail = mailOf('cancelled', { ...booking, ...changes });
  for (const text of read(mail)) expect(text).toContain(sentence);
});

test.each<[string, Booking, string]>([
  ['cancelled', disrupted(), 'The airline has cancelled a flight of it.'],
  ['moved', movedBy(240), 'The airline has moved a flight of it, and you did not respond in time.'],
  [
    'cancelled or moved before it was paid for',
    { ...PENDING, scheduleChange: null },
    'The airline has cancelled a flight of it, or moved it.',
  ],
])('whose booking ended since its flight was %s reads just that', (_, booking, sentence) => {
  const ended = { status: 'cancelled', cancellationReason: 'flight_cancelled' } as const;
  for (const text of read(mailOf('cancelled', { ...booking, ...ended })))
    expect(text).toContain(sentence);
});

test('who has changed reads what it cost, or what comes back', () => {
  for (const text of read(SAMPLES.changed))
    expect(text).toContain('The change cost $75.00, which you have paid.');
  const cheaper = {
    toPay: { amount: 0, currency: 'USD' },
    toRefund: { amount: 1_250, currency: 'USD' },
  };
  for (const text of read({ ...SAMPLES.changed, change: cheaper }))
    expect(text).toContain('We refund $12.50 to your original form of payment.');
});

test('whose flight was moved far reads what can be done, until when, and what happens otherwise', () => {
  for (const text of read(SAMPLES.schedule_changed)) {
    expect(text).toContain('The airline has changed the times of a flight of your booking.');
    expect(text).toContain('Please tell us by 10:34 AM EST on Monday, November 30, 2026 what');
    expect(text).toContain('keep your booking with the new times');
    expect(text).toContain('change to other flights');
    expect(text).toContain('cancel your booking, with a refund of every flight that');
    expect(text).toContain('If you do nothing, we cancel your booking then, with a refund');
    // Now, and before.
    expect(text).toContain('2:45 AM PST');
    expect(text).toContain('10:45 PM PST');
  }
});

test('whose flight was moved a little reads that the booking stays, and that the fare rules apply', () => {
  for (const text of read(mailOf('schedule_changed', movedBy(20)))) {
    expect(text).toContain('If you do nothing, your booking stays, with the new times.');
    expect(text).toContain('cancel your booking, under the rules of your fare');
  }
});

test('whose flight was cancelled is not asked to accept that', () => {
  for (const text of read(mailOf('schedule_changed', disrupted()))) {
    expect(text).toContain('The airline has cancelled a flight of your booking.');
    expect(text).not.toContain('keep your booking with the new times');
    expect(text).toMatch(/cancelled/i);
  }
});

test('a schedule change that was answered before the mail came asks for nothing more', () => {
  const booking = movedBy(240);
  const { scheduleChange } = booking;
  if (!scheduleChange) throw new Error('Bug: the sample has an offer');
  const answered = { ...scheduleChange, availableActions: [], actionTaken: 'accepted' as const };
  const mail = mailOf('schedule_changed', { ...booking, scheduleChange: answered });
  for (const text of read(mail)) {
    expect(text).toContain('Since then, the new times were accepted.');
    expect(text).not.toContain('Please tell us');
  }
});

test('a mail that was delayed says what has happened since', () => {
  const late = mailOf('held', bookingOf(ROUND_TRIP));
  for (const text of read(late)) expect(text).toContain('Since then, this booking was paid for.');
  const ended = mailOf('booked', SAMPLES.cancelled.booking);
  for (const text of read(ended)) expect(text).toContain('Since then, this booking was cancelled.');
  for (const text of read({ ...SAMPLES.schedule_changed, isChangedSince: true }))
    expect(text).toContain('Since then, this booking was changed.');
});

test('across the date line one arrives the day before', () => {
  for (const text of read(mailOf('booked', TO_HONOLULU))) {
    expect(text).toContain('12:10 AM GMT+13');
    expect(text).toContain('Sunday, December 6, 2026');
    expect(text).toContain('10:05 AM HST');
    expect(text).toContain('the day before');
    expect(text).toContain('Saturday, December 5, 2026');
    expect(text).toContain('8 h 55 min');
  }
});

test('in the night in which clocks go forward, times are those of the clocks, durations real', () => {
  const night = flight(
    'ZZ1',
    [BOSTON, '2027-03-14T06:30:00.000Z'],
    [NEWARK, '2027-03-14T08:05:00.000Z'],
  );
  for (const text of read(mailOf('booked', bookingOf([[night]])))) {
    expect(text).toContain('1:30 AM EST');
    expect(text).toContain('4:05 AM EDT');
    expect(text).toContain('1 h 35 min');
  }
});

test.each([
  [{ amount: 12_000, currency: 'JPY' }, '¥12,000'],
  [{ amount: 1_234, currency: 'KWD' }, 'KWD\u00a01.234'],
  [{ amount: 104_874, currency: 'EUR' }, '€1,048.74'],
  [{ amount: 5, currency: 'USD' }, '$0.05'],
])('an amount is written as people write it: %j', (money, text) => {
  expect(amountText(money)).toBe(text);
});

/** A booking of one passenger of this name. */
const bookedBy = (givenName: string | null, familyName: string) =>
  mailOf(
    'booked',
    bookingOf(ROUND_TRIP, {
      passengers: [{ givenName, familyName, type: 'adult', seatNumber: '1A' }],
    }),
  );

test.each([
  `<script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `O'Brien & Söhne`,
  `<%= it.sender %>`,
  `{{constructor}} \${7*7}`,
  `<!--`,
])('the name %s is text, and nothing else', (name) => {
  const { html, text } = compose(bookedBy('Ada', name), SENDER);
  expect(text).toContain(`Ada ${name}`);
  expect(readHtml(html)).toContain(`Ada ${name}`);
  const plain = compose(bookedBy('Ada', 'Lovelace'), SENDER).html;
  const tagsOf = (markup: string) => markup.match(/<[^>]*>/g);
  expect(tagsOf(html)).toEqual(tagsOf(plain));
});

test.each([
  ['محمد', 'العلي'],
  ['Nguyễn', 'Thị Minh'],
  [null, '山田太郎'],
])('names are whole in any script: %s %s', (givenName, familyName) => {
  const name = [givenName, familyName].filter((part) => part !== null).join(' ');
  for (const text of read(bookedBy(givenName, familyName))) expect(text).toContain(name);
});
