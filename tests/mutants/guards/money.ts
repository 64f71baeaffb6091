import { code, database, type GuardedSection } from '../mutant';

const CARD_PAYMENT = 'src/workflows/booking/card-payment.ts';
const REFUND = 'src/activities/refund.ts';
const OVERDUE = 'src/db/bookings/overdue-holds.ts';
const CANCEL_BOOKED = 'src/db/bookings/cancel-booked.ts';
const DISPUTES = 'src/db/provider-money/disputes.ts';

/** Charges, refunds, and what providers and other services report. */
export const MONEY: Record<string, GuardedSection> = {
  'an orphaned payment': {
    'makes way': [
      code(
        CARD_PAYMENT,
        ['if (refusalOf(failure)?.type !== code) throw failure;', 'throw failure;'],
        'workflows/orphaned-payment',
        'one that the provider never heard of makes way',
      ),
    ],
    '… and its reserved money is let go': [
      code(
        'src/activities/reversal.ts',
        ['    await gateway.void(found.providerPaymentId);', '    await Promise.resolve();'],
        'workflows/orphaned-payment',
        'one whose money is reserved is let go',
      ),
    ],
  },
  'activities at once': {
    'reports are recorded by no local activity': [
      code(
        'src/workflows/booking/external-payments/settle.ts',
        [
          '    proxyActivities({\n      summary,\n      startToCloseTimeout',
          '    proxyLocalActivities({\n      summary,\n      startToCloseTimeout',
        ],
        'workflows/activities-at-once',
      ),
    ],
  },
  reconciliation: {
    'it looks before': [
      code(
        'src/activities/reconciliation.ts',
        ["if ((await workflows.one(bookingId))?.state === 'running') return false;", ''],
        'reconciliation/repairs',
        'a booking whose workflow runs is never touched',
      ),
    ],
    'ten minutes; only a pending booking': [
      code(
        OVERDUE,
        ["payment_required_by < now() - interval '10 minutes'", 'payment_required_by < now()'],
        'reconciliation/repairs',
        'once it is ten minutes past its deadline',
      ),
    ],
    'no payment that may explain it': [
      code(
        OVERDUE,
        ["IN ('processing', 'authorized', 'captured')", "IN ('captured')"],
        'reconciliation/repairs',
        'keeps its seats while a payment may still explain it',
      ),
    ],
    '… nor money that is owed back': [
      code(
        OVERDUE,
        [' AND r.id IS NULL)', ')'],
        'reconciliation/money',
        'money that came for a terminated booking',
      ),
    ],
    'orphaned charges and refunds are taken up, others are not': [
      code(
        'src/activities/reconciliation.ts',
        ['if (!(await isLookedAfter(charge))) abandoned.push(charge);', 'abandoned.push(charge);'],
        'reconciliation/money',
        'a charge whose booking was terminated|a charge whose booking is at it',
      ),
      code(
        'src/activities/reconciliation.ts',
        ['if (!(await isLookedAfter(charge))) abandoned.push(charge);', ''],
        'reconciliation/money',
        'a charge whose booking was terminated',
      ),
      code(
        'src/activities/reconciliation.ts',
        ["if (!items.hasTimeFor('refunds')) break;", 'break;'],
        'reconciliation/money',
        'a refund whose workflow was terminated',
      ),
    ],
    'payments that were never reported are delivered': [
      code(
        'src/activities/provider-comparison.ts',
        ['await paymentWorkflows.deliver(', 'await ((..._: unknown[]) => Promise.resolve())('],
        'reconciliation/money',
        'a payment whose report was lost',
      ),
    ],
  },
  'cancelling a sale': {
    'only a booked one, once': [
      code(
        CANCEL_BOOKED,
        ["if (sale.status === 'booked') {", 'if (sale.status !== undefined) {'],
        'db/sale-cancellations',
        'is done once',
      ),
    ],
    'before departure': [
      code(
        CANCEL_BOOKED,
        ['if (!isCancellableAt(sale, requestedAt)) {', 'if (false) {'],
        'db/sale-cancellations',
        'is refused from the moment on',
      ),
    ],
    'free within 24 hours': [
      code(
        'src/domain/cancellation.ts',
        ['at.getTime() - bookedAt.getTime() <= SECOND_THOUGHTS_MS', 'true'],
        'src/domain/cancellation',
      ),
      code(
        'src/domain/cancellation.ts',
        [
          'departureAt.getTime() - bookedAt.getTime() >= SECOND_THOUGHTS_BEFORE_DEPARTURE_MS',
          'true',
        ],
        'src/domain/cancellation',
      ),
    ],
    'a refused one blocks no other': [
      code(
        'src/workflows/booking/state-machine.ts',
        [
          'this.timeline.note(`The booking is not cancelled: ${refusal.message}`);\n    this.decision = this.waiting.shift();',
          'this.timeline.note(`The booking is not cancelled: ${refusal.message}`);',
        ],
        'workflows/sale-cancellation',
        'one that is refused changes nothing|one whose outcome is refused',
      ),
    ],
    "Temporal's Cancel counts up to the last moment": [
      code(
        'src/workflows/booking/state-machine.ts',
        [
          'const cancellations = [this.decision, ...this.waiting.splice(0)].filter(isRequestedCancel);',
          'const cancellations: Cancel[] = []; this.waiting.splice(0);',
        ],
        'workflows/cancellation',
        'pressed (when the booking is paid for|while the money is being taken)',
      ),
    ],
  },
  'a refund': {
    'the provider must agree': [
      code(
        REFUND,
        [
          "if (found.status !== 'captured' || !isSameMoney(found.money, captured)) return 'disagrees';",
          '',
        ],
        'workflows/refund',
        'with another amount is left to a person',
      ),
    ],
    'an external payment is left to people': [
      code(
        'src/db/refunds/refunds.ts',
        ["return isOwnCharge ? 'provider_not_configured' : 'foreign_provider';", 'return null;'],
        'workflows/refund',
        'money of another service waits for a person',
      ),
    ],
    'a charge of unknown outcome is looked into first': [
      code(
        REFUND,
        ['if (!isUnderWay(known.paymentStatus)) return known;', 'return known;'],
        'workflows/refund',
        'a charge of which nobody knows the outcome',
      ),
    ],
    '… also when the booking ends, or another payment pays for it': [
      code(
        'src/workflows/booking/workflow.ts',
        ['if (payment !== null && isUnderWay(payment.status)) await startRefund(payment.id);', ''],
        'workflows/orphaned-payment',
        'one that is still there at the deadline',
      ),
      code(
        CARD_PAYMENT,
        ['  await startRefund(attempt.payment.paymentId);\n  const message', '  const message'],
        'workflows/silent-provider',
        'money of another service that came in time books instead',
      ),
    ],
    'a person and the provider never at once': [
      code(
        'src/workflows/refund/state-machine.ts',
        [
          "return this.state.status === 'needs_operator' && this.action === undefined;",
          "return this.state.status === 'needs_operator';",
        ],
        'workflows/refund',
        'leaves no room for a person|an operator may not act',
      ),
      code(
        'src/workflows/refund/workflow.ts',
        ['if (!refund.isWaitingForOperator)', 'if (false)'],
        'workflows/refund',
        'leaves no room for a person|an operator may not act',
      ),
    ],
    'asked again by itself': [
      code(
        'src/workflows/refund/state-machine.ts',
        [
          "whyOperator === 'provider_silent' || whyOperator === 'provider_rejected'",
          'whyOperator === null',
        ],
        'workflows/refund',
        'is asked again by itself an hour after',
      ),
    ],
    "Temporal's Cancel changes nothing": [
      code(
        'src/workflows/refund/workflow.ts',
        [
          'return CancellationScope.nonCancellable(async () => {\n    if (!(await isOwed(request)))',
          'return CancellationScope.cancellable(async () => {\n    if (!(await isOwed(request)))',
        ],
        'workflows/refund',
        'Temporal’s own Cancel',
      ),
    ],
    'recorded once': [
      code(
        'src/db/refunds/refunds.ts',
        [
          "      .whereNot({ status: 'succeeded' })\n      .update({ status: 'succeeded', ...columns })",
          "      .update({ status: 'succeeded', ...columns })",
        ],
        'db/refunds',
        'is posted once, however often|have made at once is one of them',
      ),
    ],
  },
  'payment events': {
    'the signature; strict UTF-8': [
      code(
        'src/api/payment-events/routes.ts',
        ['    requireSignature(req, body, secrets);\n', '    void requireSignature;\n'],
        'api/payment-events',
        'is nobody’s',
      ),
      code(
        'src/api/body.ts',
        ["new TextDecoder('utf-8', { fatal: true })", "new TextDecoder('utf-8')"],
        'api/payment-events',
        'that is signed and is .* is malformed',
      ),
    ],
    'money for a booking that has ended is recorded': [
      code(
        'src/api/payment-events/reports.ts',
        ['  await paymentEvents.announcePaymentEvents();\n', ''],
        'api/payment-events',
        'that comes after it was cancelled is owed back',
      ),
    ],
  },
  '3-D Secure': {
    'ends at the deadline': [
      code(
        CARD_PAYMENT,
        ['const isToWait = !booking.isPastDeadline && ', 'const isToWait = '],
        'workflows/customer-action',
        'a customer who never acts',
      ),
    ],
  },
  'a voided payment': {
    'taken up again only alone': [
      database(
        'DROP INDEX payments_one_under_way',
        'db/payments',
        'that was given up can’t be taken up again',
      ),
    ],
    '… and not authorized by the provider': [
      code(
        'src/payments/sandbox/gateway.ts',
        ["  if (status === 'voided') return { status: 'declined', declineCode: GIVEN_UP };\n", ''],
        'payments/sandbox',
        'what was let go',
      ),
    ],
  },
  provider: {
    'one intent per key; settles only what is authorized': [
      code(
        'src/payments/sandbox/books.ts',
        [
          "     AND (status = 'authorized' OR ($2 = 'voided' AND status = 'requires_action'))\n",
          '',
        ],
        'payments/sandbox',
        'what was let go|is captured|that was captured',
      ),
      database(
        'ALTER TABLE sandbox_provider.payment_intents DROP CONSTRAINT payment_intents_idempotency_key_key',
        'payments/sandbox',
        'takes the money, loses the answer',
      ),
    ],
  },
  'reports of payments': {
    'leave their table only with the payment on record': [
      code(
        'src/db/external-payments/reports.ts',
        [
          '  await deletePaymentEvents(\n    trx,\n    reports.map(({ payment }) => payment),\n  );\n',
          '',
        ],
        'db/reported-payments',
        'waits until its payment is on record',
      ),
    ],
    'few reports of a booking go to its workflow': [
      code(
        'src/db/external-payments/received-events.ts',
        ['const MAX_DIRECT = 20;', 'const MAX_DIRECT = 1_000_000;'],
        'db/reported-payments',
        'goes to the booking’s workflow, unless many do',
      ),
    ],
    'our own provider is asked before it books': [
      code(
        'src/domain/payment.ts',
        [
          'return OWN_PROVIDERS.includes(provider);',
          'return OWN_PROVIDERS.includes(`${provider}?`);',
        ],
        'workflows/reported-payments',
        'a payment that it does not have books nothing',
      ),
    ],
    'a silent provider books nothing, and keeps no deadline': [
      code(
        'src/workflows/booking/external-payments/settle.ts',
        ['      askLater(booking, attempt);\n', '      external.decide(attempt);\n'],
        'workflows/reported-payments',
        'while it is silent nothing books|when it stays silent',
      ),
    ],
    'our own charge is known again': [
      code(
        'src/workflows/booking/external-payments/settle.ts',
        ['      external.drop(attempt);', '      external.decide(attempt);'],
        'workflows/reported-payments',
        'the report of our own charge',
      ),
    ],
    'unapplied payments are recorded in batches': [
      code(
        'src/workflows/booking/external-payments/settle.ts',
        ['const RECORDED_AT_ONCE = 100;', 'const RECORDED_AT_ONCE = 1;'],
        'workflows/reported-payments',
        'two hundred payments that do not fit',
      ),
    ],
  },
  providers: {
    "the one of the payment's row is asked": [
      code(
        'src/activities/payment-gateway.ts',
        [
          'const gateway = providers.named(provider);',
          'const gateway = provider === providers.current.provider ? providers.named(provider) : providers.current;',
        ],
        'workflows/provider-faults',
        'is authorized and captured there|is given back there|is looked up there',
      ),
    ],
    "one that isn't configured leaves the charge open": [
      code(
        'src/activities/payment-gateway.ts',
        [
          'if (gateway === undefined) throw new ProviderNotConfigured(provider);',
          'if (gateway === undefined) return providers.current;',
        ],
        'workflows/provider-faults',
        'waits for a person where that provider is not configured',
      ),
    ],
    'a definite refusal is not retried': [
      code(
        'src/payments/stripe/client.ts',
        ['if (isDefiniteNo(error)) throw new StripeRefusal(error);', ''],
        'payments/stripe',
        'to a reservation ends the attempt',
      ),
    ],
  },
  disputes: {
    'the newest event counts, funds are posted once': [
      code(
        DISPUTES,
        ['const isNewer = newerMs > 0 ||', 'const isNewer = newerMs >= -1e12 ||'],
        'db/provider-money',
        'a dispute',
      ),
      code(
        DISPUTES,
        [
          'known?.withdrawn_at ?? (isWithdrawn ? reportedAt : null)',
          'isWithdrawn ? reportedAt : null',
        ],
        'db/provider-money',
        'a dispute',
      ),
    ],
    'no refund beside a dispute': [
      code(
        REFUND,
        ["if (await isDisputed(db, paymentId)) return 'disputed';", ''],
        'workflows/refund',
        'is asked for nothing while the payer’s bank',
      ),
      code(
        'src/db/refunds/parts.ts',
        ['(await isDisputed(trx, paymentId))', 'false'],
        'db/provider-money',
        'that is (open|lost|won)|a dispute',
      ),
    ],
    'nothing is refunded beside what the provider refunded without us': [
      code(
        'src/payments/sandbox/books.ts',
        [
          "if (isUnexplained(theirs, explained)) return { status: 'refused', code: REFUNDED_OTHERWISE };",
          '',
        ],
        'payments/sandbox',
        'nothing goes back beside what someone returned',
      ),
      code(
        'src/payments/stripe/refunds.ts',
        [
          'if (isUnexplained(standing.map(toNamed), explained)) return refused(REFUNDED_OTHERWISE);',
          '',
        ],
        'payments/stripe',
        'is not made beside one that someone returned',
      ),
      code(
        REFUND,
        ['await readExplainedRefunds(db, paymentId)', '{ refundIds: [], amountByHand: Infinity }'],
        'workflows/refunds-of-changes',
        'nothing is sent beside what someone returned',
      ),
    ],
    'a refund of ours that failed is owed again': [
      code(
        'src/db/refunds/refunds.ts',
        [
          'if (await isRefundReversed(trx, paymentId, columns.provider_refund_id)) return false;',
          'await isRefundReversed(trx, paymentId, columns.provider_refund_id);',
        ],
        'db/provider-money',
        'a refund of ours',
      ),
      code(
        'src/db/refunds/refunds.ts',
        ['return !owedAgain.some((again) => again.refundId === refundId);', 'return true;'],
        'db/provider-money',
        'whose failure is told before',
      ),
    ],
  },
};
