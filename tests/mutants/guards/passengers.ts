import { code, database, type GuardedSection } from '../mutant';

const NAMES = 'src/domain/name-correction.ts';
const ERASABLE = 'src/db/personal-data/erasable-bookings.ts';
const ERASE = 'src/db/personal-data/erase-bookings.ts';
const AMEND_ONCE = 'src/db/passengers/amend-once.ts';
const AMENDMENTS = 'src/workflows/booking/messages/amendments.ts';

/** Who flies, what may be changed of that, and when nothing of it is left. */
export const PASSENGERS: GuardedSection = {
  'the age counts by the local date of the last departure': [
    code(
      'src/db/flights/offer-view.ts',
      [
        'localDateOf(last.departureAt, last.flight.origin.timeZone)',
        "localDateOf(last.departureAt, 'UTC')",
      ],
      'api/passenger-details',
      'an infant who turns two a day later there',
    ),
    code(
      'src/db/flights/offer-view.ts',
      ['slices.flat().at(-1)', 'slices.flat().at(0)'],
      'api/passenger-details',
      'an infant who turns two on the way back',
    ),
  ],
  'metadata in another order are the same request': [
    code(
      'src/api/bookings/metadata.ts',
      ['Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1))', 'Object.entries(texts)'],
      'api/passenger-details',
      'metadata in another order',
    ),
  ],
  'the distance counts from the name as first booked': [
    code(
      'src/db/passengers/correct-name.ts',
      ['(passenger.booked_name as FullName | null) ?? present', 'present'],
      'api/amendments',
      'three letters at most differ',
    ),
  ],
  'letters, not UTF-16 units, are counted': [
    code(
      NAMES,
      [
        "return Array.from(letters.segment(text.normalize('NFC')), ({ segment }) => segment);",
        "void letters; return text.split('');",
      ],
      'src/domain/name-correction',
    ),
  ],
  'an amendment and a sale never run at once': [
    code(
      'src/workflows/booking/amend.ts',
      [
        'amendment.end(await booking.locally(amendment.carryOut()));',
        'void booking.locally(amendment.carryOut()).then((amended) => { amendment.end(amended); });',
      ],
      'workflows/amendment',
      'a payment that comes while passengers move',
    ),
  ],
  'seats are locked before they are looked at': [
    code(
      'src/db/passengers/choose-seats.ts',
      ['s.seat_number FOR UPDATE OF s`', 's.seat_number`'],
      'db/amendments',
      'a seat that someone else is taking',
    ),
  ],
  'a restored run waits for what it is about before it judges': [
    code(
      AMENDMENTS,
      [
        'if (booking.reservation !== undefined) requireAmendable(booking, closed);',
        'requireAmendable(booking, closed);',
      ],
      'workflows/amendment',
      'a sold booking whose workflow was terminated is restored by the amendment',
    ),
  ],
  'malformed messages leave no event': [
    code(
      AMENDMENTS,
      ['      requireSeatChoice(request);\n', ''],
      'workflows/amendment',
      'is refused, and leaves nothing in the history',
    ),
    code(
      AMENDMENTS,
      ['      requireNameCorrection(request);\n', ''],
      'workflows/amendment',
      'is refused, and leaves nothing in the history',
    ),
  ],
  'a key is bound to an amendment with it (`amendOnce`)': [
    code(
      AMEND_ONCE,
      [
        "  await bindOutcome(trx, key, { fingerprint, kind: 'booking_amended', body: amended });\n",
        '',
      ],
      'api/amendments',
      'though somebody else has the seat since|though the booking is cancelled since',
    ),
    code(
      AMEND_ONCE,
      ['if (bound !== undefined) return bound;', 'if (bound === null) return bound;'],
      'db/amendments',
      'what a key has done is not done again',
    ),
  ],
  'a key stands for one amendment': [
    code(
      'src/api/amendments/amend.ts',
      [
        '      requireSameRequest(outcome.result, fingerprint);\n',
        '      void requireSameRequest;\n',
      ],
      'api/amendments',
      'of two requests that come with one key at once',
    ),
    code(
      AMEND_ONCE,
      ['  await readBound();\n', ''],
      'db/amendments',
      'a key that comes for two bookings at once',
    ),
    code(
      AMEND_ONCE,
      ['if (bound.fingerprint !== fingerprint)', 'if (bound.fingerprint === null)'],
      'db/amendments',
      'a key that came with another request is refused',
    ),
  ],
  '7 days, at least': [
    code(
      'src/domain/retention.ts',
      ['Math.max(days, MIN_PERSONAL_DATA_DAYS)', 'Math.min(days, 1)'],
      'db/erasure',
      'within seven days of departure nothing is erased',
    ),
  ],
  'an itinerary is erased by its last flight': [
    code(
      ERASABLE,
      [
        'WHERE g.booking_id = b.id AND f.departure_at >= :before)',
        'WHERE g.booking_id = b.id AND f.departure_at >= :before AND false)',
      ],
      'db/erasure',
      'an itinerary is erased by its last flight',
    ),
  ],
  'no table has a planted word after erasure': [
    code(
      ERASE,
      ['  booked_name: null,\n', ''],
      'db/erasure',
      'of an erased customer no table has a word',
    ),
    code(
      ERASE,
      [
        "o.route IN ('passengers', 'seats') AND o.body",
        "o.route = 'passengers' AND false AND o.body",
      ],
      'db/erasure',
      'of an erased customer no table has a word',
    ),
    code(
      ERASE,
      ['      contact_phone: null,\n', ''],
      'db/erasure',
      'of an erased customer no table has a word',
    ),
    code(
      ERASE,
      ['    await eraseOutcomes(trx, ids);\n', '    void eraseOutcomes;\n'],
      'db/erasure',
      'of an erased customer no table has a word',
    ),
  ],
  'no digest of a request that named passengers is left, and of each refusal its own': [
    code(
      ERASE,
      ['AND o.created_at = e.occurred_at', 'AND false'],
      'db/erasure-of-outcomes',
      'a key that is bound to booking_refused',
    ),
    code(
      ERASE,
      ['       AND o.created_at = e.occurred_at AND o.body', '       AND o.body'],
      'db/erasure-of-outcomes',
      "a customer's other refusals stay",
    ),
    code(
      'src/db/bookings/refused-reservations.ts',
      ['const body = { id: bookingId, code, detail };', 'const body = { code, detail };'],
      'db/erasure-of-outcomes',
      'of two refusals at the same moment',
    ),
    database(
      'DROP INDEX idempotency_outcomes_without_booking',
      'db/erasure-of-outcomes',
      'what erasing a refusal costs',
    ),
  ],
  'two runs at once erase each booking once': [
    code(
      ERASE,
      [' AND erased_at IS NULL\n       ORDER BY id FOR UPDATE SKIP LOCKED', '\n       ORDER BY id'],
      'db/erasure',
      'by age everything that departed is erased',
    ),
  ],
  'searches by name, address and flight use indexes': [
    database(
      'DROP INDEX passengers_by_family_name',
      'db/booking-search',
      'reads no table as a whole',
    ),
    database('DROP INDEX bookings_by_contact', 'db/booking-search', 'reads no table as a whole'),
    database(
      'DROP INDEX booking_segments_by_flight',
      'db/booking-search',
      'reads no table as a whole',
    ),
  ],
};
