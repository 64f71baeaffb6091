import { code, type GuardedSection } from '../mutant';

const RESERVATIONS = 'src/db/bookings/reservations.ts';
const CLOSURE = 'src/db/bookings/closure.ts';
const STATEMENTS = 'src/db/bookings/hold-statements.ts';

/** Claims of seats, and what lets them go. */
export const RESERVATIONS_OF_SEATS: Record<string, GuardedSection> = {
  reservation: {
    'the existing row is returned': [
      code(
        RESERVATIONS,
        ['if (view.isKnown) return readEarlierReservation(trx, request);', ''],
        'db/reservations',
        'a repeated reservation',
      ),
    ],
    "the customer's lock": [
      code(
        'src/db/schedule-changes/flight-lock.ts',
        ["`SELECT ${lockSql('$1')}, (", '`SELECT $1::text AS customer, ('],
        'db/reservations',
        'the same reservation many times at once|a customer who books everything at once',
      ),
    ],
    'the limit of holds': [
      code(
        RESERVATIONS,
        [
          'if (view.reachedLimit !== undefined) return refuseForNow(request, view.reachedLimit);',
          '',
        ],
        'db/reservations',
        'a customer with too many|a customer who books everything at once',
      ),
    ],
    'closed flights': [
      code(
        CLOSURE,
        ['if (!areOnSale(slices.flat(), at)) return', 'if (!areOnSale(slices.flat(), at)) void'],
        'db/reservations',
        'a flight whose sales have closed',
      ),
    ],
    'flights that were moved no longer fit one another (`findClosure`)': [
      code(
        CLOSURE,
        [
          'if (findItineraryFault(itineraryOf(slices)) !== undefined)\n    return',
          'if (findItineraryFault(itineraryOf(slices)) !== undefined)\n    void',
        ],
        'db/schedule-changes',
        'no connection is sold|no way back is sold',
      ),
    ],
    'someone is too old for a flight that was moved (`findClosure`)': [
      code(
        CLOSURE,
        ['return unfit && `', 'return unfit && undefined && `'],
        'db/schedule-changes',
        'no infant is sold',
      ),
    ],
    'SKIP LOCKED': [
      code(
        STATEMENTS,
        [
          'ORDER BY row_number, seat_number FOR UPDATE SKIP LOCKED',
          'ORDER BY row_number, seat_number FOR UPDATE',
        ],
        'db/late-activities',
        'a claim does not wait',
      ),
    ],
    'the final check that waits': [
      code(
        RESERVATIONS,
        [
          '(await claim(false)) ?? (await claim(true))',
          '(await claim(false)) ?? (await claim(false))',
        ],
        'db/reservations',
        'of forty customers at once|a seat is not sold out while',
      ),
      code(
        RESERVATIONS,
        [
          "return terms.waits ? refuse('seats_unavailable') : undefined;",
          "return refuse('seats_unavailable');",
        ],
        'db/reservations',
        'of forty customers at once|a seat is not sold out while',
      ),
    ],
    "a try that doesn't get all gives back": [
      code(
        STATEMENTS,
        ['WHERE (SELECT count(*) FROM locked) = cardinality($3::text[])', 'WHERE true'],
        'db/reservations',
        'of many parties at once|of forty customers',
      ),
    ],
  },
  release: {
    'by owner': [
      code(
        'src/db/seats/seats.ts',
        [
          'WHERE booking_id = CAST(:bookingId AS uuid) AND state = :state',
          'WHERE CAST(:bookingId AS uuid) IS NOT NULL AND state = :state',
        ],
        'db/payments',
        'puts its seats back on sale once',
      ),
    ],
    'only an unpaid booking': [
      code(
        'src/db/bookings/cancel-unpaid.ts',
        [".whereIn('status', ['initiated', 'pending'])", ''],
        'db/payments',
        'touch a booking that is paid for',
      ),
    ],
  },
  payment: {
    'starting again is the same': [
      code(
        'src/db/payments/card-payments.ts',
        [
          'startedBy(provider, row) ?? resumePayment(trx, payment, maxDeclinesPerHour)',
          'startedBy(provider, row)',
        ],
        'db/payments',
        'that is started again',
      ),
    ],
    'the key and its request': [
      code(
        'src/db/payments/card-payments.ts',
        ['earlier.request_fingerprint !== payment.fingerprint', 'false'],
        'db/payments',
        'change what it asks for',
      ),
      code(
        'src/db/payments/card-payments.ts',
        ['earlier.id !== paymentId ||\n    earlier.booking_id !== bookingId ||', ''],
        'db/payments',
        'a card payment can’t',
      ),
    ],
    'the booking is pending in the database, too': [
      code(
        'src/db/payments/card-payments.ts',
        ["WHERE id = $2 AND ${isPending('bookings')} FOR SHARE", 'WHERE id = $2 FOR SHARE'],
        'workflows/lost-results',
        'a booking that is (cancelled|paid for) in the database',
      ),
    ],
    'money of a booking that was settled meanwhile goes back (`sell`, src/workflows/booking/card-payment.ts)':
      [
        code(
          'src/workflows/booking/card-payment.ts',
          [
            "if ((await giveUp(booking, attempt, refusal.message)) !== 'sold') return;",
            'throw failure;',
          ],
          'workflows/lost-results',
          'while its card is being charged',
        ),
      ],
    'confirmed once': [
      code(
        'src/db/payments/sale.ts',
        [
          "AND NOT applied\n       AND (status IN ('processing', 'authorized') OR customer_id IS NULL)",
          '',
        ],
        'db/payments',
        'that is confirmed twice at once',
      ),
    ],
    'decline, void take back no capture': [
      code(
        'src/db/payments/card-payments.ts',
        [
          ".whereIn('status', UNDER_WAY)\n      .update({ status: 'declined', decline_code: declineCode });",
          ".update({ status: 'declined', decline_code: declineCode });",
        ],
        'db/payments',
        'that was declined',
      ),
      code(
        'src/db/payments/card-payments.ts',
        [
          ".whereIn('status', UNDER_WAY)\n      .update({ status: 'voided' });",
          ".update({ status: 'voided' });",
        ],
        'db/payments',
        'that was given up',
      ),
    ],
    'a late record of an authorization': [
      code(
        'src/db/payments/card-payments.ts',
        [
          ".whereIn('status', UNDER_WAY)\n      .update({ status: 'authorized'",
          ".update({ status: 'authorized'",
        ],
        'db/late-activities',
        'an authorization that is noted too late',
      ),
    ],
    'an unclear payment is reversed': [
      code(
        'src/activities/refund.ts',
        [
          "await reverseCharge({ db, providers }, charge, 'outcome_unknown');\n    return",
          'return',
        ],
        'workflows/silent-provider',
        'money that was only reserved when sales closed',
      ),
    ],
  },
};
