import { code, type GuardedSection } from '../mutant';

/** What anyone may send to a workflow, and how soon a dead worker is noticed. */
export const MESSAGES: Record<string, GuardedSection> = {
  recovery: {
    'the sticky timeout of 1 s (10 s by default: 5.6 s late)': [
      code(
        'src/worker/tuning.ts',
        ["const STICKY_TIMEOUT = '1s';", "const STICKY_TIMEOUT = '10s';"],
        'reliability/alone/deadlines',
      ),
    ],
    "the workflow task's timeout of 3 s (10 s by default: 5.6 s late)": [
      code(
        'src/temporal/clients/bookings.ts',
        [
          "export const WORKFLOW_TASK_TIMEOUT = '3s';",
          "export const WORKFLOW_TASK_TIMEOUT = '10s';",
        ],
        'reliability/alone/deadlines',
      ),
    ],
    'a hold is counted down by a clock that has missed nothing': [
      code(
        'src/activities/reservation.ts',
        ['activityInfo().attempt > 1', 'activityInfo().attempt > 99'],
        'workflows/slow-local-activity',
        'claim took its time, and failed first',
      ),
      code(
        'src/workflows/booking/state-machine.ts',
        ["(clock === 'unknown' && patched(COUNTS_DOWN_BY_A_RIGHT_CLOCK))", 'false'],
        'workflows/slow-local-activity',
        'by a try that failed first',
      ),
    ],
  },
  messages: {
    'workers decode what others send tolerantly': [
      code(
        'src/temporal/encryption/tolerant-codec.ts',
        ["return context?.type === 'workflow';", "return context?.type === 'never' as string;"],
        'workflows/hostile-messages',
        'no signal that can’t be read keeps it from being paid',
      ),
    ],
    'signals of reserved names are renamed': [
      code(
        'src/temporal/reserved-names.ts',
        [
          '            signalWorkflow.signalName = OUT_OF_THE_WAY;',
          '            void OUT_OF_THE_WAY;',
        ],
        'workflows/hostile-messages',
        'a signal of a reserved name that comes alone',
      ),
    ],
    'results of reported payments wait while a local activity runs': [
      code(
        'src/workflows/booking/external-payments/settle.ts',
        [
          'return external.waitsItsTurn && isInLocalActivity;',
          'return external.waitsItsTurn && isInLocalActivity && false;',
        ],
        'workflows/slow-local-activity',
      ),
    ],
    'signals that will be passed over are joined (`src/temporal/signal-runs.ts`)': [
      code(
        'src/temporal/signal-runs.ts',
        [
          'if (jobs.length < MANY) return jobs;',
          'if (jobs.length < MANY || MANY > 0) return jobs;',
        ],
        'src/temporal/signal-runs',
      ),
    ],
    'the sandbox may run 60 s at a stretch (`src/worker/sandbox.ts`)': [
      code(
        'src/worker/sandbox.ts',
        ["isolateExecutionTimeout: '60s'", "isolateExecutionTimeout: '5s'"],
        'workflows/long-stretch',
      ),
    ],
    'disputes are looked for where a payment is captured (`src/db/payments/sale.ts`)': [
      code(
        'src/db/payments/sale.ts',
        ['${HAS_PROVIDER_MONEY_SQL} AS is_reported', 'false AS is_reported'],
        'db/provider-money',
        'is told of before its payment is ours|before its payment is ours',
      ),
      code(
        'src/db/payments/captures.ts',
        [
          "     ${providerKeyLockSql('p.provider', 'p.provider_payment_id')}\n",
          '     true AS locked\n',
        ],
        'db/provider-money',
        'in the very moment in which its payment is captured',
      ),
    ],
    'the command line never acts on another system than the one named': [
      code(
        'src/cli/target.ts',
        ['  if (other !== undefined)\n    return {', '  if (other === null)\n    return {'],
        'ops/target',
      ),
      code(
        'src/cli/target.ts',
        ['  if (config.isProduction)\n', '  if (config.isProduction && given === null)\n'],
        'ops/target',
      ),
    ],
    "a decline's code is stored and replayed; older outcomes stay as they were": [
      code(
        'src/api/outcomes.ts',
        [
          'throw new Problem(code, detail, { declineCode });',
          'throw new Problem(code, detail, { declineCode: declineCode && undefined });',
        ],
        'api/payments',
        'that is declined leaves the seats held',
      ),
    ],
    'which signals were read is on record': [
      code(
        'src/workflows/messages/signal-readings.ts',
        [
          '      patched(this.turn());\n      this.areTaken = isReadable;',
          '      this.areTaken = isReadable;',
        ],
        'workflows/other-keys',
        'passes over what it can’t read|reads again what it can',
      ),
    ],
    "what was taken and can't be read on replay waits for its key": [
      code(
        'src/workflows/messages/receive.ts',
        ['      throw waitForReader(signal.name, unreadable);', '      return;'],
        'workflows/other-keys',
        'a worker that has had a key',
      ),
      code(
        'src/workflows/messages/receive.ts',
        [
          'if (unreadable !== undefined) throw waitForReader(update.name, unreadable);',
          "if (unreadable !== undefined) refuse('validation_failed', 'unreadable');",
        ],
        'workflows/other-keys',
        'a worker that has had a key',
      ),
    ],
    "a workflow's ID is its input's": [
      code(
        'src/workflows/messages/identity.ts',
        [
          "  refuse('validation_failed', `${workflowType}",
          "  if (workflowType === '') refuse('validation_failed', `${workflowType}",
        ],
        'workflows/whose-workflow',
        'a booking’s workflow started like another one fails',
      ),
    ],
    'a payment whose money goes back pays for nothing': [
      code(
        'src/db/payments/card-payments.ts',
        ["if (earlier.status === 'captured' && !earlier.applied) {", 'if (false) {'],
        'workflows/orphaned-payment',
        'one whose money goes back pays for nothing',
      ),
    ],
  },
};
