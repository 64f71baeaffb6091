import { code, type GuardedSection } from '../mutant';

const CARD_PAYMENTS = 'src/workflows/booking/messages/card-payments.ts';
const CANCELLATIONS = 'src/workflows/booking/messages/cancellations.ts';
const STATE = 'src/workflows/booking/state-machine.ts';
const WORKFLOW = 'src/workflows/booking/workflow.ts';
const QUEUE = 'src/workflows/booking/external-payments/queue.ts';

/** What a booking's workflow admits, and what it decides. */
export const DECISIONS: Record<string, GuardedSection> = {
  validators: {
    'of a payment: caller, price': [
      code(
        CARD_PAYMENTS,
        ['payment.customerId !== booking.request.customerId', 'false'],
        'workflows/card-payment',
        'a payment with a wrong detail',
      ),
      code(
        CARD_PAYMENTS,
        ['!isSameMoney(booking.hold.price, payment)', 'false'],
        'workflows/card-payment',
        'a payment with a wrong detail',
      ),
    ],
    'one payment at a time': [
      code(
        CARD_PAYMENTS,
        ["if (booking.business?.kind === 'pay')", 'if (false)'],
        'workflows/card-payment',
        'a second payment while one is being made',
      ),
    ],
    'ten declines': [
      code(
        CARD_PAYMENTS,
        ['booking.declines >= MAX_DECLINES', 'false'],
        'workflows/card-payment',
        'after ten declined cards',
      ),
    ],
    'the status': [
      code(
        CARD_PAYMENTS,
        ["booking.status !== 'pending' || ", ''],
        'workflows/sale-cancellation',
        'a card is not charged again',
      ),
    ],
    'nothing else is decided': [
      code(
        CARD_PAYMENTS,
        [' || booking.business !== undefined', ''],
        'api/late-messages',
        'a payment while a cancellation is carried out',
      ),
    ],
    'the deadline': [
      code(
        CARD_PAYMENTS,
        [' || booking.isPastDeadline', ''],
        'api/late-messages',
        'a payment that the workflow sees together with the deadline',
      ),
    ],
    'of a cancellation: the owner': [
      code(
        CANCELLATIONS,
        ['!asOperator && requestedBy !== booking.request.customerId', 'false'],
        'workflows/cancellation',
        'nobody else can cancel it',
      ),
    ],
    'of a cancellation: no payment under way': [
      code(
        CANCELLATIONS,
        ["business !== undefined && business.kind !== 'cancel'", 'false'],
        'workflows/cancellation',
        'being paid for can’t be cancelled',
      ),
    ],
  },
  'one decision': {
    'the timer decides only if nothing has': [
      code(
        STATE,
        [
          "this.decision ??= { kind: 'cancel', reason: 'payment_expired'",
          "this.decision = { kind: 'cancel', reason: 'payment_expired'",
        ],
        'workflows/card-payment',
        'a payment books the seats',
      ),
    ],
    'what comes later waits': [
      code(
        STATE,
        [
          'if (this.decision === undefined) this.decision = decision;\n    else this.waiting.push(decision);',
          'this.decision = decision;',
        ],
        'workflows/cancellation',
        'pressed while a card is being charged waits',
      ),
    ],
    'the workflow waits for its handlers': [
      code(
        STATE,
        [
          'this.isEnding = true;\n    await condition(allHandlersFinished);',
          'this.isEnding = true;',
        ],
        'workflows/external-payment',
        'money for a booking that gets no seats',
      ),
    ],
    'non-cancellable: the main body, and an update under way': [
      code(
        WORKFLOW,
        [
          'return CancellationScope.nonCancellable(async () => {\n    booking.announce',
          'return CancellationScope.cancellable(async () => {\n    booking.announce',
        ],
        'workflows/cancellation',
        'cancels at the operator’s request',
      ),
      code(
        CARD_PAYMENTS,
        [
          'CancellationScope.nonCancellable(() => answerPayment(booking, payment))',
          'answerPayment(booking, payment)',
        ],
        'workflows/cancellation',
        'pressed while a card is being charged waits',
      ),
    ],
    'who cancels is answered before the workflow ends': [
      code(
        WORKFLOW,
        [
          '  if (isRequestedCancel(asked) && patched(ANSWERS_BEFORE_ITS_END)) await sleep(1);\n',
          '',
        ],
        'api/lost-updates',
        'a hold that is cancelled while',
      ),
    ],
    'the workflow ends as the database has it': [
      code(
        STATE,
        ['this.become(booking.status);', "this.become('cancelled');"],
        'workflows/lost-results',
        'a booking that is paid for in the database',
      ),
    ],
  },
  'external payments': {
    'the price': [
      code(
        QUEUE,
        ["isSameMoney(booking.hold.price, payment) ? undefined : 'amount_mismatch'", 'undefined'],
        'workflows/external-payment',
        'money that is not the price|amount|currency',
      ),
    ],
    'the deadline': [
      code(
        QUEUE,
        ["    else if (this.late.isNextLate()) this.reject(attempt, 'late');\n", ''],
        'api/late-messages',
        'money of another service that the workflow sees together with the deadline',
      ),
    ],
    'a settled booking takes none': [
      code(
        QUEUE,
        ["    case 'booked':\n      return 'second_payment';\n", "    case 'booked':\n"],
        'workflows/external-payment',
        'of two payments|while our own charge runs',
      ),
    ],
    'kept until seats are held': [
      code(
        QUEUE,
        [
          'if (this.booking.reservation === undefined) this.early.push(attempt);\n    else this.admit(attempt);',
          'if (this.booking.reservation !== undefined) this.admit(attempt);',
        ],
        'workflows/external-payment',
        'a report that comes before the seats',
      ),
    ],
    'once in the books': [
      code(
        'src/db/external-payments/reports.ts',
        ["WHERE p.status = 'not_found' AND EXCLUDED.status = 'captured'", 'WHERE true'],
        'db/payments',
        'a payment that another service took',
      ),
    ],
    'the booking is pending in the database, too': [
      code(
        'src/db/payments/captures.ts',
        ['pending !== undefined &&\n      ', ''],
        'workflows/lost-results',
        'money of another service for a booking that is cancelled',
      ),
    ],
  },
};
