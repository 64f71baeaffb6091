import { code, database, type GuardedSection } from '../mutant';

const CHANGE = 'src/workflows/booking/change.ts';
const HOLD_CHANGE = 'src/db/changes/hold-change.ts';
const COMPLETE = 'src/db/changes/complete-change.ts';
const OFFERS = 'src/activities/schedule-change/offers.ts';
const APPLY = 'src/db/schedule-changes/apply.ts';
const DISRUPT = 'src/cli/disruption.ts';
const DISRUPTION = 'src/db/schedule-changes/disruption-view.ts';
const SALE_REFUND = 'src/activities/sale-refund.ts';
const LOST = 'src/activities/lost-workflows.ts';
const SLICE_QUERY = 'src/db/flights/slice-query.ts';

/** Bookings after their sale: itineraries, changes, and what the airline changes. */
export const JOURNEYS: Record<string, GuardedSection> = {
  'after the sale': {
    "the task that books also sets the departure's timer, and costs no event or upsert more": [
      code(
        'src/workflows/booking/state-machine.ts',
        [
          "    this.timeline.note('Paid by card.');\n    this.become('booked');",
          "    this.timeline.note('Paid by card.');\n    this.become('booked');\n    upsertSearchAttributes([{ key: BookingStatusAttribute, value: 'booked' }]);",
        ],
        'workflows/history-cost',
        'a payment is two workflow tasks more',
      ),
    ],
    'one change at a time; a refused one ends its update alone, and leaves the next its turn': [
      code(
        'src/workflows/booking/state-machine.ts',
        [
          'if (refusal !== undefined) throw refusal;\n  }\n\n  /** Ends a booked',
          'void refusal;\n  }\n\n  /** Ends a booked',
        ],
        'workflows/sale-cancellation',
        'one that is refused changes nothing',
      ),
    ],
    'a run that is started again cancels once, refunds once, reserves nothing, serves nobody else':
      [
        code(
          'src/workflows/booking/state-machine.ts',
          [
            "if (isRestored(this.request) && now.status === 'cancelled') this.cancelled = booking;",
            '',
          ],
          'workflows/sale-cancellation',
          'is returned cancelled, where it was cancelled before',
        ),
        code(
          'src/db/bookings/earlier-reservation-view.ts',
          [
            'found?.customerId !== customerId || sale === undefined',
            'found === undefined || sale === undefined',
          ],
          'workflows/sale-cancellation',
          'is not restored for someone else',
        ),
      ],
    'sold bookings whose workflow is gone are taken up again': [
      code(
        LOST,
        ['    await bookingWorkflows.restore(booking, sale);\n', ''],
        'reconciliation/repairs',
        'since it was terminated',
      ),
      code(
        LOST,
        ["if ((await workflows.one(bookingId))?.state === 'running') return false;", ''],
        'reconciliation/repairs',
        'a sold booking whose workflow is gone',
      ),
    ],
  },
  itineraries: {
    'one lock order of claims, sales and releases': [
      code(
        'src/db/seats/seats.ts',
        ["'flight_id, row_number, seat_number'", "'random()'"],
        'db/itinerary-storm',
      ),
    ],
    'seats per segment, none elsewhere, sums of segments, at commit': [
      database(
        'DROP TRIGGER bookings_have_their_segments ON bookings',
        'db/itinerary-rules',
        'another first flight|flights though it says that it is of one',
      ),
      database(
        'DROP TRIGGER segments_have_their_booking ON booking_segments',
        'db/itinerary-rules',
        'a dearer flight|a flight fewer',
      ),
      database(
        'DROP TRIGGER seats_have_their_booking ON seats',
        'db/itinerary-rules',
        'a flight without its seat|a seat of a flight|two seats on one flight',
      ),
    ],
    'all flights or none': [
      code(
        'src/db/seats/seats.ts',
        [
          'return chosen.every((seats) => seats !== null) ? chosen : null;',
          'return chosen.map((seats) => seats ?? []);',
        ],
        'db/itineraries',
        'with too few seats on the last flight',
      ),
    ],
  },
  schedule: {
    'a direction of a complete day gets nothing more': [
      code(
        'src/db/flights/days.ts',
        ['flights.filter(({ direction }) => incomplete.includes(direction))', '[...flights]'],
        // Its tests build on one another.
        'flight-schedule/extension',
      ),
    ],
    'seats of a load are made from cabins of the same transaction, or not at all': [
      code(
        'src/db/flights/new-seats.ts',
        ['if (rowCount !== seats.length * flightIds.length)', 'if (rowCount === -1)'],
        'db/new-seats',
        'stores nothing of a flight that lacks the cabin',
      ),
      code(
        'src/db/flights/new-seats.ts',
        ['  await transaction.raw(CHECK_AGAIN);\n', '  void CHECK_AGAIN;\n'],
        'db/new-seats',
        'leaves every check on',
      ),
    ],
    'connections by the rules, each slice once, page by page': [
      code(
        SLICE_QUERY,
        ['BETWEEN ${one}.arrival_at + ${LEAST} AND', 'BETWEEN ${one}.arrival_at AND'],
        'db/slices',
      ),
      code(
        SLICE_QUERY,
        ['WHERE three.destination NOT IN (one.origin, two.origin)\n    AND', 'WHERE'],
        'db/slices',
      ),
    ],
  },
  'changes and schedule changes': {
    'old and new seats are never both lost, nor both sold': [
      code(
        'src/db/changes/exchange-flights.ts',
        ["CASE WHEN owned.stays THEN 'sold' ELSE 'free' END", "'sold'"],
        'db/changes',
        'once it is paid for the old seat is free',
      ),
      code(
        'src/db/changes/fail-change.ts',
        ["  await putSeatsOnSale(trx, bookingId, 'held');\n", ''],
        'db/changes',
        'a change that fails gives its seats back',
      ),
    ],
    'one change at a time, and no cancellation meanwhile': [
      code(
        'src/domain/changes/change.ts',
        [
          "return isChanging ? 'change_in_progress' : undefined;",
          'return isChanging && undefined;',
        ],
        'db/changes',
        'while a change is being made|two changes at once',
      ),
      code(
        'src/db/bookings/cancel-booked.ts',
        [
          "if (sale.isChanging) throw new Refusal('change_in_progress', REFUSAL_TEXTS.changeInProgress);",
          '',
        ],
        'db/changes',
        'while a change is being made',
      ),
    ],
    'each change is paid or refunded exactly': [
      database(
        'DROP TRIGGER payments_pay_for_changes ON payments',
        'db/changes',
        'nothing pays for a change before',
      ),
      database(
        'DROP TRIGGER bookings_count_their_changes ON bookings',
        'db/changes',
        'that was never sold was never changed',
      ),
      database(
        'DROP TRIGGER refunds_settle_changes ON refunds',
        'db/changes',
        'what goes back for a change',
      ),
    ],
    "the quote's price is computed again": [
      code(
        HOLD_CHANGE,
        ['if (!isAgreed) throw expired();', 'void isAgreed;'],
        'db/changes',
        'a quote of a price that no longer holds',
      ),
    ],
    'the undo of each step is registered before it': [
      code(
        CHANGE,
        ['  saga.onFailure(() => undoCharge(booking, payment));\n', ''],
        'workflows/change',
        'who never confirms with their bank',
      ),
      code(
        CHANGE,
        [
          "    saga.onFailure(() =>\n      booking.locally(changeDatabase.failChange(change, 'payment_not_completed')),\n    );\n",
          '',
        ],
        'workflows/change',
        'who never confirms with their bank',
      ),
    ],
    "a change's new flight that the airline changes meanwhile": [
      code(
        COMPLETE,
        [
          "if (row.flight_changed) throw new Refusal('quote_expired', REFUSAL_TEXTS.flightChanged);",
          '',
        ],
        'db/disrupted-changes',
        'a new flight that is cancelled while it is paid for',
      ),
      code(
        APPLY,
        ['    await stopChanges(trx, change);\n', ''],
        'db/disrupted-changes',
        'a new flight that is cancelled while it is paid for',
      ),
    ],
    'a change, or an acceptance, waits until a restored run knows what it is about': [
      code(
        'src/workflows/booking/messages/changes.ts',
        [
          'if (booking.reservation !== undefined) requireChangeable(booking);',
          'requireChangeable(booking);',
        ],
        'workflows/change',
        'is restored by the change that comes for it',
      ),
      code(
        'src/workflows/booking/messages/schedule-changes.ts',
        ['if (booking.reservation !== undefined) requireOpen(booking);', 'requireOpen(booking);'],
        'workflows/schedule-change',
        'is restored by the acceptance that comes for it',
      ),
    ],
    'a changed booking has exactly its new flights, at the price of each (`assert_booking_is_as_changed`)':
      [
        database(
          'CREATE OR REPLACE FUNCTION assert_booking_is_as_changed(id_of_booking uuid) RETURNS void LANGUAGE sql AS $$ SELECT $$',
          'db/audit-of-changes',
          'PostgreSQL refuses',
        ),
      ],
    'captured − refunded = price + change fees': [
      code(
        'src/db/audit/checks/of-changes.ts',
        [
          "b.status = 'booked' AND b.change_count > 0\n        AND b.price_amount + (",
          "b.status = 'booked' AND b.change_count > 99\n        AND b.price_amount + (",
        ],
        'db/audit-of-changes',
        'more given back for a change',
      ),
    ],
    'who has a seat on a cancelled flight is listed (`refuse_to_forget_bookings`, audit by flight and by booking)':
      [
        database(
          'DROP TRIGGER cancelled_flights_list_their_bookings ON flights',
          'db/audit-of-changes',
          'PostgreSQL refuses',
        ),
      ],
    'settled offers stay settled; only booked bookings have an offer; nobody accepts what does not fly; only a person accepts a significant change; a cancelled flight stays cancelled':
      [
        database(
          'DROP TRIGGER offers_stay_settled ON booking_schedule_changes',
          'db/audit-of-changes',
          'PostgreSQL refuses',
        ),
        database(
          'DROP TRIGGER offers_are_of_sales ON booking_schedule_changes',
          'db/audit-of-changes',
          'PostgreSQL refuses',
        ),
        database(
          'ALTER TABLE booking_schedule_changes DROP CONSTRAINT booking_schedule_changes_flown_check',
          'db/audit-of-changes',
          'PostgreSQL refuses',
        ),
        database(
          'ALTER TABLE booking_schedule_changes DROP CONSTRAINT booking_schedule_changes_significant_check',
          'db/audit-of-changes',
          'PostgreSQL refuses',
        ),
        database(
          'DROP TRIGGER flights_stay_cancelled ON flights',
          'db/audit-of-changes',
          'PostgreSQL refuses',
        ),
      ],
    '`pageUntold`, `pageOverdueOffers`, `tellOverdueBookings`': [
      code(
        'src/activities/schedule-change/overdue.ts',
        [
          '[pageUntold(db), pageOverdueOffers(db)]',
          '[pageOverdueOffers(db), ...[pageUntold(db)].slice(1)]',
        ],
        'reconciliation/changes',
        'a booking that was never told',
      ),
      code(
        'src/activities/schedule-change/overdue.ts',
        [
          '[pageUntold(db), pageOverdueOffers(db)]',
          '[pageUntold(db), ...[pageOverdueOffers(db)].slice(1)]',
        ],
        'reconciliation/changes',
        'an offer past its time',
      ),
    ],
    '`pageLongChanges` in `restoreLostWorkflows`; `isChanging` there': [
      code(
        LOST,
        ['await takeUp(findUnfinished(), {', 'void (() => findUnfinished)({'],
        'reconciliation/changes',
        'its running workflow has never heard of',
      ),
      code(
        LOST,
        [' && !sale.isChanging) return false;', ') return false;'],
        'reconciliation/changes',
        'a change that nobody finishes is undone',
      ),
    ],
    'a running workflow that does not know of a pending change begins anew, and no other (`takeUpChange`, `beginAnew`)':
      [
        code(
          LOST,
          [
            'return isChanging && bookingWorkflows.beginAnew(bookingId);',
            'void (isChanging && bookingWorkflows);\n    return false;',
          ],
          'reconciliation/changes',
          'its running workflow has never heard of',
        ),
        code(
          'src/workflows/booking/messages/changes.ts',
          ['if (booking.isChanging) refuse(', 'if (!booking) refuse('],
          'reconciliation/changes',
          'still confirms with their bank',
        ),
      ],
    'a change is carried on by the request that its booking is restored for, in time, and not once its money goes back (`settleUnfinishedChange`, `findUnfinishedChange`)':
      [
        code(
          CHANGE,
          ['patched(CARRIES_ON) && (await', '!patched(CARRIES_ON) && (await'],
          'workflows/change',
          'is carried on, and paid once',
        ),
        code(
          CHANGE,
          ['Date.now() < Date.parse(completableUntil)', 'Date.parse(completableUntil) > 0'],
          'workflows/change',
          'once its time to pay has passed',
        ),
        code(
          'src/db/changes/unfinished-change.ts',
          ['return known;', 'return completable;'],
          'workflows/change',
          'where its money goes back already',
        ),
      ],
    '`recordProviderRefund` says which refund is owed again': [
      code(
        'src/activities/provider-events.ts',
        [
          'for (const owed of await recordProviderRefund(db, refund)) await takeUp(owed);',
          '{ await recordProviderRefund(db, refund); void takeUp; }',
        ],
        'workflows/refunds-of-changes',
        'what goes back for a cheaper flight',
      ),
    ],
    "`moreRefundsOf` in `cancellationWorkflow`, behind `patched('more-refunds')`": [
      code(
        'src/workflows/cancellation/workflow.ts',
        [
          'for (const paymentId of moreRefundsOf) await startRefund(paymentId);',
          'void moreRefundsOf;',
        ],
        'workflows/refunds-of-changes',
        'cancelled through an API of an earlier release',
      ),
    ],
    '`openRefunds` of a restored run': [
      code(
        'src/workflows/booking/state-machine.ts',
        [
          'const { openRefunds = [], refundOf } = this.reservation;',
          'const { openRefunds: _, refundOf } = this.reservation; const openRefunds: RefundToStart[] = [];',
        ],
        'workflows/refunds-of-changes',
        'once it is restored|once the booking is restored',
      ),
    ],
    'quotes of changes stay, batches of 1,000': [
      code(
        'src/db/changes/old-quotes.ts',
        ['AND NOT EXISTS (SELECT FROM changes c WHERE c.quote_id = q.id)', ''],
        'flight-schedule/old-quotes',
        'all that expired a day ago go',
      ),
      code(
        'src/db/changes/old-quotes.ts',
        ['const BATCH = 1_000;', 'const BATCH = 100_000;'],
        'flight-schedule/old-quotes',
        'a statement deletes a thousand at most',
      ),
    ],
    'bookings of a flight are locked together, in order, before they are listed (`lockBookings`, src/db/schedule-changes/apply.ts)':
      [
        code(
          APPLY,
          ['    await lockBookings(trx, change);\n', ''],
          'db/disrupted-changes',
          'so is one that is cancelled in the moment|two flights that are cancelled at once|of a change and a cancellation',
        ),
        code(
          APPLY,
          [
            'ORDER BY id FOR NO KEY UPDATE',
            'ORDER BY md5(:flightId || CAST(id AS text)) FOR NO KEY UPDATE',
          ],
          'db/disrupted-changes',
          'lock them in one order',
        ),
      ],
    'the later schedule change is read before an offer is closed (`closeScheduleChange`)': [
      code(
        OFFERS,
        [
          "if (Date.parse(offer.respondBy) > at.getTime()) return { kind: 'offered', booking, offer };",
          '',
        ],
        'workflows/schedule-change',
        'a flight that is cancelled as its new times are about to be accepted',
      ),
    ],
    'who accepts times that they have seen accepts no others (`scheduleChangeId`)': [
      code(
        'src/workflows/booking/schedule-changes.ts',
        ['seen ?? this.offer?.scheduleChangeId', 'this.offer?.scheduleChangeId ?? seen'],
        'workflows/schedule-change',
        'who accepts times that they have seen accepts no others',
      ),
      code(
        'src/db/schedule-changes/offers.ts',
        [
          'if (scheduleChangeId !== undefined && scheduleChangeId !== latest.schedule_change_id)',
          'if (scheduleChangeId === null)',
        ],
        'workflows/schedule-change',
        'who accepts times that they have seen accepts no others',
      ),
    ],
    'a significant schedule change that is none any more cancels nothing (`cancelBookedBooking`, because)':
      [
        code(
          'src/db/bookings/cancel-booked.ts',
          ['if (because !== undefined && sale.disruption === null)', 'if (false)'],
          'db/schedule-changes',
          'nothing is cancelled for a move that another has undone',
        ),
      ],
    'refunds of a booking that is found cancelled are started (`settle`, src/workflows/booking/schedule-change.ts)':
      [
        code(
          'src/workflows/booking/schedule-change.ts',
          [
            'if (!isFoundCancelled || !patched(FOUND_CANCELLED)) {',
            'void isFoundCancelled; void patched; void FOUND_CANCELLED; {',
          ],
          'workflows/schedule-change',
          'one that a killed worker has cancelled',
        ),
      ],
    "a cancelled sale's provider is asked by the booking once; after that by the refund's own workflow alone (`refundSale`, its second attempt)":
      [
        code(
          SALE_REFUND,
          ["    if (activityInfo().attempt > 1) return 'pending';\n", '    void activityInfo;\n'],
          'workflows/refund',
          'a request that was cut off is not repeated by the booking',
        ),
      ],
    'a booking waits for refunds that its provider did not settle, and starts no workflow for others (`isOpen`)':
      [
        code(
          SALE_REFUND,
          ["if (status === 'pending' || status === 'needs_operator')\n", 'void status;\n'],
          'workflows/refund',
          'gives the money back before the booking',
        ),
      ],
    'a person comes before what follows by itself, as long as it waits for its turn (`conclude`, src/workflows/booking/schedule-change.ts)':
      [
        code(
          'src/workflows/booking/schedule-change.ts',
          [
            'await condition(() => hasEnded || booking.isAsked);',
            'await condition(() => hasEnded);',
          ],
          'workflows/background-work',
          'a customer who cancels meanwhile comes first',
        ),
      ],
    'bookings of one flight come due one after another (`closesAt`)': [
      code(
        'src/domain/schedule-change-offer.ts',
        [
          'respondUntil.getTime() + place * OUTCOME_GAP_MS',
          'respondUntil.getTime() + 0 * place * OUTCOME_GAP_MS',
        ],
        'db/schedule-changes',
        'comes due after those of its flight',
      ),
    ],
    'an unpaid booking that ends settles its schedule changes': [
      code(
        'src/db/bookings/cancel-unpaid.ts',
        [
          '      await settleOffers(trx, bookingId, {',
          '      if (changed === 2) await settleOffers(trx, bookingId, {',
        ],
        'db/schedule-changes',
        'one that its customer lets go before it is told|the books agree',
      ),
    ],
    'the audit counts all captures of a changed booking that the airline ended': [
      code(
        'src/db/audit/checks/goes-back.ts',
        ['AND a.applied AND', 'AND a.applied AND a.change_id IS NULL AND'],
        'db/disrupted-changes',
        'a changed booking of one flight that the airline ends',
      ),
    ],
    'who exchanges flights accepts the itinerary as it is then, also after an offer that had ended (`settleByChange`)':
      [
        code(
          'src/db/schedule-changes/after-change.ts',
          [
            "(o.state <> 'settled' OR o.sequence = (\n       SELECT max(sequence) FROM booking_schedule_changes WHERE booking_id = :bookingId))`",
            "o.state <> 'settled'`",
          ],
          'db/disrupted-changes',
          'after a small move that nobody had responded to',
        ),
      ],
    'an open schedule change knows the times that were accepted, though a later one is settled (`UNANSWERED_TIMES`)':
      [
        code(
          DISRUPTION,
          ["ORDER BY o.state = 'settled', o.sequence DESC", 'ORDER BY o.sequence DESC'],
          'db/disrupted-changes',
          'though the other schedule change ends',
        ),
      ],
    'a flight that left before its owner was told is not used (`listUntoldDepartures`)': [
      code(
        DISRUPTION,
        ['(isEarlier && untold.has(id))', '(isEarlier && untold.has(`not ${id}`))'],
        'db/schedule-changes',
        'when its flight has left, hours early',
      ),
      code(
        DISRUPTION,
        ['(isEarlier && untold.has(id))', 'isEarlier'],
        'db/schedule-changes',
        'when its flight has left, hours early',
      ),
    ],
    'a change that cannot be charged for yet leaves nothing behind (`requireChargeable`)': [
      code(
        HOLD_CHANGE,
        ['if (sale.money.toPay.amount > 0) {', 'if (sale.money.toPay.amount < 0) {'],
        'api/declined-cards',
        'who has waited changes a booking',
      ),
      code(
        'src/db/changes/charge.ts',
        [
          "    throw new Refusal('payment_in_progress', REFUSAL_TEXTS.paymentInProgress, retryAt);",
          '    void retryAt;',
        ],
        'db/changes',
        'while an earlier charge waits for an operator',
      ),
    ],
    'a run that is restored for a cancellation leaves the refund to the database (`isUnpaid`)': [
      code(
        'src/workflows/booking/messages/cancellations.ts',
        [
          'return booking.isOpen && !isRestored(booking.request);',
          'void isRestored;\n  return booking.isOpen;',
        ],
        'workflows/sale-cancellation',
        'for the refund that was quoted',
      ),
    ],
    'nobody is changed onto a flight for which they would be too old (`requireFittingAges`, src/db/changes/quote-view.ts)':
      [
        code(
          'src/db/changes/quote-view.ts',
          ['  await requireFittingAges(db, booking, slices);\n', '  void requireFittingAges;\n'],
          'api/changes',
          'too old',
        ),
      ],
    'nor onto one that has been moved since it was quoted (`requireFittingAges`, src/db/changes/hold-change.ts)':
      [
        code(
          'src/db/changes/hold-change.ts',
          ['  await requireFittingAges(trx, booking, slices);\n', '  void requireFittingAges;\n'],
          'db/changes',
          'moved past the age',
        ),
      ],
    'a hold that is found cancelled, of a flight that has changed, ends (`endIfUnpaid`)': [
      code(
        'src/workflows/booking/schedule-change.ts',
        [
          '(isFoundCancelled && patched(ENDS_AS_FOUND))',
          '(isFoundCancelled && !patched(ENDS_AS_FOUND))',
        ],
        'workflows/lost-results',
        'ends when it hears of that',
      ),
    ],
    'a hold that is found sold, of a flight that has changed, has its offer (`endIfUnpaid`, `takeUpSale`)':
      [
        code(
          'src/workflows/booking/schedule-change.ts',
          ['&& patched(SOLD_AS_FOUND)', '&& !patched(SOLD_AS_FOUND)'],
          'workflows/lost-results',
          'is sold when it hears of any schedule change',
        ),
        code(
          'src/workflows/booking/schedule-change.ts',
          ["if (told.kind === 'offered') booking.offer(told);", 'void told;'],
          'workflows/schedule-change',
          'one that is sold, which its workflow has never heard of',
        ),
      ],
    'a pause before a provider is asked again cancels no timer (`pause`, src/workflows/booking/external-payments/settle.ts)':
      [
        code(
          'src/workflows/booking/external-payments/settle.ts',
          ['? pause(isDue, askAgainAfterMs)', '? endedPause(isDue, askAgainAfterMs)'],
          'simulation/simulation',
          'a provider is asked again about a report',
        ),
      ],
    'a cancellation of a sale is on record before anything is done for it (`undoSale`)': [
      code(
        'src/workflows/booking/after-sale.ts',
        ['await (patched(IS_ON_RECORD_FIRST)', 'await (!patched(IS_ON_RECORD_FIRST)'],
        'workflows/sale-cancellation',
        'a cancellation is on record before',
      ),
    ],
    'so is that of a hold, before its deadline (`cancel`, src/workflows/booking/workflow.ts)': [
      code(
        'src/workflows/booking/workflow.ts',
        ['patched(IS_ON_RECORD_BEFORE_RELEASE)', '!patched(IS_ON_RECORD_BEFORE_RELEASE)'],
        'workflows/cancellation',
        'its cancellation is on record before',
      ),
      code(
        'src/workflows/booking/workflow.ts',
        ["asked.reason !== 'payment_expired'", 'isRequestedCancel(asked)'],
        'workflows/schedule-change',
        'who has not paid yet loses the hold at once',
      ),
    ],
    'who asks again for a cancellation that Temporal has lost makes its workflow know (`tellWhileMoneyIsOwed`)':
      [
        code(
          'src/temporal/clients/cancel-booking.ts',
          ['      await tellWhileMoneyIsOwed(deps, cancellation);\n', ''],
          'api/cancellation',
          'that Temporal has lost, and the database has',
        ),
      ],
    'a workflow that is refused for a change it has never heard of begins anew (`learnFrom`)': [
      code(
        'src/workflows/booking/state-machine.ts',
        ["type === ('change_in_progress' satisfies", "type === ('seats_unavailable' satisfies"],
        'workflows/lost-results',
        'who is refused for a change',
      ),
      code(
        'src/workflows/booking/schedule-change.ts',
        ['refusal === undefined || !booking.learnFrom(refusal)', 'refusal !== undefined'],
        'simulation/simulation',
        'as the airline’s offer is about to be closed',
      ),
    ],
    'a retry leaves a call alone that began after it came (`askAgain`, src/workflows/booking/messages/retries.ts)':
      [
        code(
          'src/workflows/booking/messages/retries.ts',
          ['attempt.callsBegun > begunBefore', 'attempt.callsBegun < begunBefore'],
          'simulation/simulation',
          'an operator has the provider asked again',
        ),
      ],
    'what came in time is not late in a replay (`LateReports`)': [
      code(
        'src/workflows/booking/external-payments/late-reports.ts',
        ['if (!this.areRecorded) return', 'return'],
        'simulation/simulation',
        'money of another service comes in time',
      ),
    ],
    'a booking that is found cancelled as its new times are accepted is refunded (`accept`)': [
      code(
        'src/workflows/booking/schedule-change.ts',
        ['return settle(booking, accepted);', 'booking.settleOffer(accepted);'],
        'workflows/schedule-change',
        'found cancelled as its new times are accepted',
      ),
    ],
    'a wait that ended before its time, by a clock that is ahead, goes on (`endedTooSoon`)': [
      code(
        'src/workflows/booking/state-machine.ts',
        ['    while (endedTooSoon(isDecided, leftMs)) await payment();\n', ''],
        'simulation/simulation',
        'put forward and back while seats are held',
      ),
      code(
        'src/workflows/booking/state-machine.ts',
        ['    while (endedTooSoon(isOver, leftMs)) await next();\n', ''],
        'simulation/simulation',
        'put forward and back while the airline waits',
      ),
    ],
    'a report of our own charge that came too early makes way for it (`withProviderId`)': [
      code(
        'src/db/payments/provider-id.ts',
        [
          'if (!isTaken || !(await takeFromNotFound(db, charge))) throw error;',
          'void isTaken; void takeFromNotFound; throw error;',
        ],
        'db/reported-payments',
        'our own charge, reported while its provider did not answer',
      ),
    ],
    'a change that is completed again says what it said first (`completeChange`)': [
      code(
        COMPLETE,
        [
          "row.status === 'completed' ? await findOutcome(trx, key) : undefined",
          "row.status === 'failed' ? await findOutcome(trx, key) : undefined",
        ],
        'db/changes',
        'says what it said first',
      ),
    ],
    'a hold ends at its deadline, however late Temporal heard of the task that started its timer (`looksAtClockAgain`)':
      [
        code(
          'src/workflows/booking/state-machine.ts',
          [
            'if (this.looksAtClockAgain && !isDecided()',
            'if (!this.looksAtClockAgain && !isDecided()',
          ],
          'workflows/late-task',
        ),
      ],
    'a try that fails while a person comes first fails no booking (`conclude`)': [
      code(
        'src/workflows/booking/schedule-change.ts',
        ['  if (isInterrupted) return undefined;\n', '  void isInterrupted;\n'],
        'workflows/background-work',
        'nor does a try that fails while a customer cancels|a worker that died at it fails no booking',
      ),
    ],
    'a message that was accepted before it could be checked is refused for now only (`checkAccepted`)':
      [
        code(
          'src/workflows/messages/refuse.ts',
          [
            '    throw ApplicationFailure.nonRetryable(failure.message, failure.type, { retryAt });',
            '    void retryAt;\n    throw failure;',
          ],
          'workflows/early-payment',
          'the other one pays, sent again with the same key',
        ),
      ],
    "heartbeats of a schedule change's activities: a worker that dies is noticed within seconds": [
      code(
        'src/workflows/schedule-change/workflow.ts',
        ["      heartbeatTimeout: '5s',\n", ''],
        'reliability/alone/kills',
        'schedule change',
      ),
    ],
    'a command that is repeated is one schedule change until another one, then a new one, and claims no times that the flight does not have (src/cli/disruption.ts)':
      [
        code(
          DISRUPT,
          ['[by, text, changes]', '[by, text]'],
          'ops/disrupt',
          'the same command moves a flight again',
        ),
        code(
          DISRUPT,
          ['latest.fingerprint === fingerprint &&', 'latest.fingerprint !== fingerprint &&'],
          'ops/disrupt',
          'the same command moves a flight again',
        ),
        code(
          DISRUPT,
          ['    latest?.requestedBy === by &&\n    latest.fingerprint', '    latest?.fingerprint'],
          'ops/disrupt',
          'another operator',
        ),
        code(
          DISRUPT,
          ['isSuperseded: !isAsRequested(flight, change)', 'isSuperseded: false'],
          'ops/disrupt',
          'another one follows at once',
        ),
      ],
  },
  journeys: {
    'bookings are told at most so often a second, two pages at a time, by one worker, and half as often while others wait':
      [
        code(
          'src/activities/schedule-change/turns.ts',
          ['if (this.pages >= this.limits.pagesAtOnce) {', 'if (this.pages < 0) {'],
          'src/activities/schedule-change/turns',
        ),
        code(
          'src/activities/schedule-change/turns.ts',
          ['if (waitMs > 0) await sleep(Math.ceil(waitMs));', 'void sleep; void waitMs;'],
          'src/activities/schedule-change/turns',
        ),
        code(
          'src/activities/schedule-change/turns.ts',
          [
            'return isCrowd ? this.limits.perSecondInACrowd',
            'return isCrowd ? this.limits.perSecond',
          ],
          'src/activities/schedule-change/turns',
        ),
      ],
    'a page that must wait for its turn is tried again, and all are told': [
      code(
        'src/activities/schedule-change/activities.ts',
        [
          'if (told !== undefined) return told;\n',
          'if (told !== undefined) return told;\n      if (told === undefined) return { told: 0, failed: 0, last: null };\n',
        ],
        'workflows/schedule-change',
        'of more flights at once than a worker tells',
      ),
    ],
  },
};
