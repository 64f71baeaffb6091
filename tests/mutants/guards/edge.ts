import { code, type GuardedSection } from '../mutant';

const PAY = 'src/api/payments/pay.ts';
const CREATE = 'src/api/bookings/create.ts';
const EXECUTE = 'src/temporal/clients/execute-update.ts';
const ADMISSION = 'src/api/admission/admission.ts';

/** What the API promises, and what it lets in. */
export const EDGE: Record<string, GuardedSection> = {
  'an update that no worker processed': {
    'is known by its type, and sent again': [
      code(
        EXECUTE,
        ["if (cause.type === NOT_LOOKED_AT) return 'not_looked_at';", ''],
        'api/unprocessed-updates',
        'is sent again',
      ),
    ],
    '… within our time limit': [
      code(
        EXECUTE,
        ["if (Date.now() + PAUSE_MS >= giveUpAt) return { kind: 'no_result' };", ''],
        'api/unprocessed-updates',
        'when nobody ever looks at it',
      ),
    ],
    '… by a start operation of its own, which the SDK takes once': [
      code(
        'src/temporal/clients/bookings.ts',
        [
          '        ({ startedBy, updateIdSuffix }) =>\n          executeUpdate(\n            client,\n            () =>\n              client.workflow.executeUpdateWithStart(awaitReservation, {\n                updateId: `${RESERVATION_UPDATE_ID}${updateIdSuffix}`,\n                startWorkflowOperation: startOfBooking(start, startedBy),\n              }),\n            withinMs,\n          ),',
          '        ({ startedBy, updateIdSuffix }) => {\n          const operation = startOfBooking(start, startedBy);\n          return executeUpdate(\n            client,\n            () =>\n              client.workflow.executeUpdateWithStart(awaitReservation, {\n                updateId: `${RESERVATION_UPDATE_ID}${updateIdSuffix}`,\n                startWorkflowOperation: operation,\n              }),\n            withinMs,\n          );\n        },',
        ],
        'api/unprocessed-updates',
        'is sent again',
      ),
    ],
    '… unless the booking is settled': [
      code(
        PAY,
        ['if (await read(() => isSettled(db, bookingId))) throw notPayable();', ''],
        'api/unprocessed-updates',
        'when another payment has settled the booking meanwhile',
      ),
    ],
  },
  limits: {
    'a refusal for now fails its run, and binds nothing': [
      code(
        'src/workflows/booking/workflow.ts',
        ['if (passingRefusal !== undefined)', 'if (false)'],
        'api/too-many-holds',
        'once a hold has gone',
      ),
    ],
    "only one's own run answers about one's own expectation": [
      code(
        'src/temporal/clients/cancel-booking.ts',
        ['const updateId = `cancellation-${randomUUID()}`;', "const updateId = 'cancellation';"],
        'workflows/sale-cancellation',
        'what was read before the terms changed',
      ),
    ],
    'the database decides where a run was terminated': [
      code(
        'src/temporal/clients/bookings.ts',
        [
          "// seats are held.\n      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY'",
          "workflowIdReusePolicy: 'REJECT_DUPLICATE'",
        ],
        'api/undecided',
        'is begun anew under its key',
      ),
    ],
    "holds let go, and declines, are counted under the customer's lock": [
      code(
        'src/db/payments/card-payments.ts',
        ["WHERE NOT EXISTS (${lastDeclineSql('$3', '$9')})", 'WHERE $9::int IS NOT NULL'],
        'db/customer-limits',
        'over several bookings keep a customer',
      ),
      code(
        'src/db/bookings/customer-limits.ts',
        [
          "AND b.cancellation_reason IN ('payment_expired', 'customer_request')",
          "AND b.cancellation_reason IN ('payment_expired')",
        ],
        'db/customer-limits',
        'holds that a customer let go of',
      ),
    ],
    'a payment that its customer left unanswered excuses no hold': [
      code(
        'src/db/bookings/customer-limits.ts',
        ["p.status NOT IN ('declined', 'voided'))", "p.status <> 'declined')"],
        'db/customer-limits',
        'a payment was begun that its customer let go of',
      ),
      code(
        'src/activities/reversal.ts',
        ["      return 'not_confirmed';", '      return undefined;'],
        'workflows/customer-action',
        'a customer who never acts',
      ),
    ],
    'changes that hold seats and end unpaid are counted': [
      code(
        'src/db/changes/charge.ts',
        ['  if (oldest === undefined) return;', '  if (oldest !== null) return;'],
        'db/changes',
        'are three a day of a booking',
      ),
    ],
  },
  'the HTTP edge': {
    'labels from the routers': [
      code(
        'src/api/system/metrics.ts',
        ['route: routeOf(req)', 'route: req.originalUrl'],
        'api/hostile-requests',
        'are as many as there are routes',
      ),
    ],
    'every "not now" of PostgreSQL is 503': [
      code(
        'src/db/connection.ts',
        ['40001|40003|40P01|55006|55P03|57014', '40001|40003|40P01|55006|55P03'],
        'api/database-away',
        '57014 .* is 503',
      ),
      code(
        'src/api/problem.ts',
        ["if (isDatabaseAway(error)) return unavailable('The database cannot answer now.');", ''],
        'api/database-away',
        'is 503 on every route',
      ),
    ],
    'a problem names the booking': [
      code(
        'src/api/problem.ts',
        [
          "return named?.problems === 'all' || status >= 500 ? named?.bookingId : undefined;",
          'return undefined;',
        ],
        'api/database-away',
        'a problem that leaves open what happened names',
      ),
    ],
    'bodies are UTF-8': [
      code(
        'src/api/body.ts',
        ['  if (!isUtf8(body)) throw', '  if (false && !isUtf8(body)) throw'],
        'api/http',
        'a body',
      ),
    ],
    'a grant of requests is cut at the limit': [
      code(
        'src/api/rate-limit-shares.ts',
        ['Math.max(0, Math.min(requests, limit - before))', 'requests'],
        'api/rate-limit',
        'nor when all is asked at once|APIs allow',
      ),
    ],
    'a sentence of a 503 is read': [
      code(
        CREATE,
        [
          "'It is not known yet whether the booking was made; send the same request with the same key to learn.'",
          "'Nothing was done; send the same request with the same key.'",
        ],
        'rules/unavailable',
      ),
    ],
  },
  "staff's records": {
    'stay with staff': [
      code(
        'src/db/bookings/event-view.ts',
        [
          'return events.map(({ type, occurredAt, actor, reason }) => ({ type, occurredAt, actor, reason }));',
          'return events;',
        ],
        'api/staff-records',
      ),
    ],
    'what goes back is compared where it is decided': [
      code(
        'src/db/bookings/cancel-booked.ts',
        [
          'if (expectedRefund !== undefined && !isSameMoney(quote.refund, expectedRefund)) {',
          'if (false) {',
        ],
        'workflows/sale-cancellation',
        'one that is refused changes nothing',
      ),
    ],
  },
};

/** Sections of which the API guards a part. */
export const EDGE_OF_IDEMPOTENCY: GuardedSection = {
  'fingerprint of a bound key': [
    code(
      'src/api/outcomes.ts',
      [
        "if (outcome.kind !== 'erased') requireSameRequest(outcome, fingerprint);",
        'void requireSameRequest; void fingerprint;',
      ],
      'api/payments',
      'a key that is bound to a payment is refused for another amount',
    ),
  ],
  'fingerprint of a create, or of an order of a schedule change, under way': [
    code(
      CREATE,
      [
        '  requireSameRequest(result, fingerprint);\n  switch (result.outcome)',
        '  switch (result.outcome)',
      ],
      'api/idempotency',
      'sent twice at once with different requests',
    ),
    code(
      'src/api/schedule-changes/order.ts',
      ['  requireSameRequest({ fingerprint, ...begun }, fingerprint);\n', ''],
      'api/undecided',
      'an order of a schedule change is not refused for what has changed since',
    ),
  ],
  'the key is looked for after the seats': [
    code(
      CREATE,
      [
        'refusal !== undefined && !(await isKnown({ db, workflows }, bookingId, key))',
        'refusal !== undefined',
      ],
      'api/undecided',
      'a retry is not refused for what has changed since',
    ),
    code(
      'src/api/schedule-changes/order.ts',
      [
        '(await scheduleChanges.describe(scheduleChangeId)) === undefined)\n    throw problemOf',
        'true)\n    throw problemOf',
      ],
      'api/undecided',
      'an order of a schedule change is not refused for what has changed since',
    ),
  ],
  '202 only for a workflow that is there': [
    code(
      CREATE,
      [
        'if (memo === undefined) throw notKnown();\n      requireSameRequest(memo, fingerprint);\n      res.status(202).location(locationOf(memo.booking)).json(memo.booking);',
        'if (memo !== undefined) requireSameRequest(memo, fingerprint);\n      res.status(202).json({});',
      ],
      'api/unprocessed-updates',
      'when nobody ever looks at it',
    ),
  ],
  '202 only for a payment on record': [
    code(
      PAY,
      [
        'if (payment === undefined) {\n',
        "if (payment === undefined) {\n        res.status(202).json({ status: 'processing' });\n        return;\n",
      ],
      'api/undecided',
      'a payment that no worker has answered',
    ),
  ],
};

/** Sections of which the edge guards a part, beside the database. */
export const ADMISSION_AND_CONNECTIONS: GuardedSection = {
  '64 of each kind of request are admitted, the 65th is refused at once': [
    code(
      'src/api/admission/concurrency-limit.ts',
      ['this.slots < this.limit ?', 'this.slots <= this.limit ?'],
      'src/api/admission/concurrency-limit',
    ),
    code(
      ADMISSION,
      [
        '    if (slot === undefined) {\n      if (!isSmall(req))',
        '    if (slot === null) {\n      if (!isSmall(req))',
      ],
      'api/admission',
      '64 of each kind are admitted',
    ),
  ],
  'one key counts once, also by two tokens of one caller': [
    code(
      'src/api/admission/concurrency-limit.ts',
      [
        'const slot = identity === undefined ? undefined : this.shared.get(identity);',
        'const slot: Slot | undefined = undefined as Slot | undefined;',
      ],
      'src/api/admission/concurrency-limit',
    ),
  ],
  "a client that gives up doesn't free its slot": [
    code(
      ADMISSION,
      [
        "whenEnded(res, { isOverOnClose: kind === 'other' }",
        'whenEnded(res, { isOverOnClose: true }',
      ],
      'api/admission',
      'that gives up does not make room',
    ),
  ],
  'a slow body frees its slot, and is cut': [
    code(
      ADMISSION,
      ['        giveBack(false);\n        stalled[kind] += 1;', '        stalled[kind] += 1;'],
      'api/admission',
      'whose body (stalls|comes late)',
    ),
    code(
      'src/api/admission/slow-body.ts',
      ['if (!req.complete) calls.onTooSlow();', ''],
      'api/admission',
      'whose body stalls',
    ),
  ],
  'a refused create leaves no workflow, and succeeds later under the same key': [
    code(
      ADMISSION,
      [
        '      refuse(req, res, arrival);\n      return;\n    }\n\n    const giveBack',
        '      refuse(req, res, arrival);\n    }\n\n    const giveBack',
      ],
      'api/overload',
      'of 64 customers at once are all admitted',
    ),
  ],
  'health and metrics respond during a flood of searches; searches have their own pool': [
    code(
      'src/api/mounts.ts',
      ['flightRoutes(searchDb)', 'flightRoutes(db)'],
      'api/overload',
      'searches beyond number have connections of their own',
    ),
  ],
  '202 although Temporal can\'t be asked after the wait; else "not known yet", with the ID': [
    code(
      CREATE,
      [
        'async () => (await seen) ?? (await workflows.describe(bookingId))',
        'async () => { void seen; return workflows.describe(bookingId); }',
      ],
      'api/overload',
      'are accepted although Temporal is too slow',
    ),
  ],
  'many connections are accepted per turn of the event loop': [
    code(
      'src/api/listen.ts',
      ['const HANDLES = 32;', 'const HANDLES = 1;'],
      'api/listen',
      'waiting connections are accepted many at a time',
    ),
  ],
  'connections are bounded, idle ones make room': [
    code(
      'src/api/server.ts',
      ['if (open <= maxConnections) return;', 'return;'],
      'api/connections',
      'there are no more connections',
    ),
    code(
      'src/api/server.ts',
      ['    server.closeIdleConnections();\n', ''],
      'api/connections',
      'there are no more connections',
    ),
  ],
  'a token is accepted at most a minute after its key was withdrawn, and never past `exp`': [
    code(
      'src/api/token-cache.ts',
      ['const MAX_AGE_MS = 60_000;', 'const MAX_AGE_MS = 3_600_000;'],
      'src/api/token-cache',
    ),
    code(
      'src/api/token-cache.ts',
      [
        'Math.min(expiresAt, Date.now() + MAX_AGE_MS)',
        'Math.max(expiresAt, Date.now() + MAX_AGE_MS)',
      ],
      'src/api/token-cache',
    ),
  ],
  'searches give way to creates that wait': [
    code(
      'src/api/admission/give-way.ts',
      ['underWay === 0 || reservations.waiting === 0', 'true'],
      'src/api/admission/give-way',
    ),
  ],
};
