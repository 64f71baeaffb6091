import { code, database, type GuardedSection } from '../mutant';

const ATTEMPTS = 'src/db/webhooks/attempts.ts';
const SEND = 'src/notifications/webhooks/send.ts';
const RESOLVE = 'src/notifications/webhooks/resolve.ts';
const FAN_OUT = 'src/db/webhooks/fan-out.ts';
const PUBLIC = 'src/notifications/webhooks/public-address.ts';
const SMTP = 'src/notifications/mail/smtp.ts';
const CLAIM = 'src/db/mails/claim.ts';
const DELIVERY = 'src/activities/mail/delivery.ts';
const CALENDAR = 'src/notifications/mail/calendar.ts';

/** Looks names up by the operating system, under the name of what asks the name servers. */
const BY_SYSTEM = `import { lookup } from 'node:dns/promises';
class Resolver {
  constructor(_: object) {}
  setServers(_: readonly string[]) {}
  resolve4 = async (host: string) => [(await lookup(host, 4)).address];
  resolve6 = async (host: string) => [(await lookup(host, 6)).address];
}`;

/** What shops and passengers hear of their bookings. */
export const OUTWARD: Record<string, GuardedSection> = {
  webhooks: {
    'an outgoing event is written with its cause, whoever appends it (trigger)': [
      database(
        'DROP TRIGGER booking_events_are_sent_out ON booking_events',
        'db/outgoing-events',
        'hears of every step',
      ),
    ],
    '`sequence` without gaps under concurrency (lock per booking in the trigger)': [
      database(
        "DO $do$ DECLARE source text; BEGIN SELECT pg_get_functiondef('record_outgoing_event'::regproc) INTO STRICT source; IF position('PERFORM pg_advisory_xact_lock' IN source) = 0 THEN RAISE 'no lock'; END IF; EXECUTE replace(source, 'PERFORM pg_advisory_xact_lock', 'PERFORM length(repeat('''', 1)), '); END $do$",
        'db/outgoing-events',
        'gets one count from transactions at once',
      ),
    ],
    'no process writes events by itself (SECURITY DEFINER trigger, no INSERT right)': [
      database('GRANT INSERT ON outgoing_events TO flight_bookings_worker', 'db/outgoing-events'),
    ],
    'nothing is recorded of a booking that nobody hears of': [
      database(
        "DO $do$ DECLARE source text; BEGIN SELECT pg_get_functiondef('record_outgoing_event'::regproc) INTO STRICT source; IF position('IF NOT shop_hears AND NOT contact_hears' IN source) = 0 THEN RAISE 'no condition'; END IF; EXECUTE replace(source, 'IF NOT shop_hears AND NOT contact_hears', 'IF false'); END $do$",
        'db/outgoing-events',
        'nothing is recorded',
      ),
    ],
    'an event is taken once, and nobody waits for another who takes (`SKIP LOCKED`); again if its transaction is rolled back':
      [
        code(
          'src/db/outgoing-events/take.ts',
          [
            'UPDATE outgoing_events SET ${due} = false',
            'UPDATE outgoing_events SET ${due} = ${due}',
          ],
          'db/outgoing-events',
          'each consumer',
        ),
        code(
          'src/db/outgoing-events/take.ts',
          ['LIMIT $1 FOR UPDATE SKIP LOCKED', 'LIMIT $1'],
          'db/outgoing-events',
          'may take with several hands',
        ),
        code(
          'src/db/outgoing-events/take.ts',
          ['LIMIT $1 FOR UPDATE SKIP LOCKED', 'LIMIT $1 FOR UPDATE'],
          'db/outgoing-events',
          'may take with several hands',
        ),
      ],
    'connect only to the checked address (own lookup, no second look-up)': [
      code(SEND, ['          lookup,\n', ''], 'webhooks/sender', 'a name is looked up once'),
    ],
    'private addresses in every notation, IPv4 in IPv6, names': [
      code(
        SEND,
        ['      requireAllowedLiteral(url, options);\n', ''],
        'webhooks/sender',
        'nothing connects to',
      ),
      code(
        RESOLVE,
        [
          'wanted.filter(({ address }) => isPublicAddress(address))',
          'wanted.filter(({ address }) => isPublicAddress(address) || true)',
        ],
        'webhooks/sender',
        'a name that leads to a private address',
      ),
      code(
        PUBLIC,
        ["if (parsed.range() !== 'unicast') return false;", ''],
        'src/notifications/webhooks/public-address',
      ),
      code(
        PUBLIC,
        ['parsed.match(ipaddr.IPv6.parseCIDR(GLOBAL)) &&', ''],
        'src/notifications/webhooks/public-address',
      ),
    ],
    'no redirects; 10 s; 1 kB': [
      code(
        SEND,
        [
          'responseStatus >= 200 && responseStatus < 300',
          'responseStatus >= 200 && responseStatus < 400',
        ],
        'webhooks/sender',
        'an attempt fails',
      ),
      code(
        SEND,
        [
          'AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS)',
          'AbortSignal.timeout(60_000 + TIMEOUT_MS)',
        ],
        'webhooks/sender',
        'when no answer comes in time',
      ),
      code(
        SEND,
        ['if (bytes > MAX_RESPONSE_BYTES) response.destroy();', 'void MAX_RESPONSE_BYTES;'],
        'webhooks/sender',
        'although its body is of gigabytes',
      ),
    ],
    'an answer whose status HTTP does not have is no response: every outcome can be recorded': [
      code(
        SEND,
        ['if (responseStatus < 100)', 'if (responseStatus < 0)'],
        'webhooks/sender',
        'an answer',
      ),
    ],
    'a slow name server holds no thread (c-ares instead of getaddrinfo)': [
      code(
        RESOLVE,
        ["import { Resolver } from 'node:dns/promises';", BY_SYSTEM],
        'webhooks/sender',
        'one whose name server keeps silent',
      ),
    ],
    'at most 5 at once per endpoint; slow ones delay nobody': [
      code(
        'src/activities/webhook-attempts.ts',
        ['const AT_ONCE = 5;', 'const AT_ONCE = 50;'],
        'webhooks/delivery',
        'gets at most five at once',
      ),
    ],
    'what waits to be sent goes to an endpoint as its owner has it by then': [
      code(
        'src/activities/webhooks.ts',
        ['if (due.length === 0 || !receiver.isEnabled) {', 'if (due.length === 0) {'],
        'webhooks/delivery',
        'gets nothing more of a burst from when it is disabled',
      ),
    ],
    'of those that are sent where they were taken, too (`FirstAttempts`)': [
      code(
        'src/activities/first-attempts.ts',
        ['if (ofEndpoint.size >= AT_ONCE || ', 'if ('],
        'webhooks/delivery',
        'gets at most five at once of a burst',
      ),
    ],
    'what is being sent is due for nobody else; it is again when its sender has died (`handOverAll`)':
      [
        code(
          FAN_OUT,
          ['THEN $2::float8 * interval', 'THEN 0 * $2::float8 * interval'],
          'db/fan-out',
          'is for whoever takes it',
        ),
        code(
          'src/db/webhooks/due-view.ts',
          ["status = 'pending' AND attempt = 1 AND", "status = 'pending' AND attempt = 99 AND"],
          'db/fan-out',
          'of a process that died',
        ),
      ],
    'the health of an address is told of that address alone (`Called`)': [
      code(
        ATTEMPTS,
        ['WHERE id = $1 AND url = $2`', 'WHERE id = $1 AND $2::text IS NOT NULL`'],
        'webhooks/health',
        'says nothing of its successor|nor does one that succeeds',
      ),
      code(
        ATTEMPTS,
        [".where({ id, url, status: 'enabled' })", ".where({ id, status: 'enabled' })"],
        'webhooks/health',
        'disables no endpoint that has another',
      ),
      code(
        'src/db/webhooks/endpoints.ts',
        ['(isSwitched || isMoved) &&', 'isSwitched &&'],
        'webhooks/health',
        'a new address has not failed yet',
      ),
    ],
    'an attempt locks its endpoint first, as a deletion does (`record_webhook_attempt`)': [
      code(
        ATTEMPTS,
        ['     FOR KEY SHARE\n', ''],
        'db/webhook-attempts',
        'that is deleted while an attempt',
      ),
    ],
    'an endpoint is disabled for its failures only when an event is given up': [
      code(
        'src/activities/webhook-attempts.ts',
        ["isGivenUp = status === 'failed'", "isGivenUp = status !== 'succeeded'"],
        'webhooks/health',
        'a quiet week after failures',
      ),
      code(
        'src/activities/webhook-attempts.ts',
        ["isGivenUp = status === 'failed' && event !== null", "isGivenUp = status === 'failed'"],
        'webhooks/health',
        'a ping that fails',
      ),
      code(
        ATTEMPTS,
        ['"failing_since <= now() -', '"failing_since <= now() - 0 *'],
        'webhooks/health',
        'when an event is given up',
      ),
    ],
    'secrets encrypted, bound to their row, sealed again after a key change': [
      code(
        'src/db/webhooks/secret-cipher.ts',
        [
          '      cipher.setAAD(Buffer.from(endpointId));',
          '      cipher.setAAD(Buffer.from(endpointId && PURPOSE));',
        ],
        'src/db/webhooks/secret-cipher',
      ),
    ],
    'ten endpoints, one per key, under concurrency (lock per owner)': [
      code(
        'src/db/webhooks/endpoints.ts',
        [
          '    await run(trx, LOCK_OWNER, [`webhook-endpoints/${ownerId}`]);\n',
          '    void run; void LOCK_OWNER;\n',
        ],
        'api/webhook-endpoints',
        'though its request comes ten times at once|the eleventh endpoint',
      ),
      code(
        'src/db/webhooks/endpoints.ts',
        ["if (owned.length >= MAX_ENDPOINTS_PER_OWNER) return { kind: 'too_many' };", ''],
        'api/webhook-endpoints',
        'the eleventh endpoint',
      ),
    ],
  },
  mails: {
    'names are escaped in HTML (`autoEscape`)': [
      code(
        'src/notifications/mail/templates.ts',
        ['autoEscape: true', 'autoEscape: false'],
        'mail/compose',
        'is text, and nothing else',
      ),
    ],
    'an address is one recipient, whatever it reads like (`to` is not parsed)': [
      code(
        SMTP,
        ["to: { name: '', address: to },", 'to,'],
        'mail/smtp',
        'a text that is no address',
      ),
    ],
    'no address in results, rows, logs, metrics, histories': [
      code(
        SMTP,
        [
          "code: cause = 'unknown', command, responseCode }: SmtpError",
          "message: cause = 'unknown', command, responseCode }: SmtpError",
        ],
        'mail/smtp',
        'what is said of a refused (sender|recipient|mail) holds no address',
      ),
    ],
    "one mail per event: the event's ID is the key, `takeOutgoingEvents` in the same transaction": [
      code(
        'src/db/mails/take.ts',
        ["takeOutgoingEvents(trx, 'mail', BATCH)", "takeOutgoingEvents(db, 'mail', BATCH)"],
        'mail/delivery',
        'an event whose mail could not be recorded',
      ),
      code(
        'src/db/mails/take.ts',
        ['.ignore();', '.merge();'],
        'mail/delivery',
        'an event that is taken again',
      ),
    ],
    'a mail is claimed before it is sent, and sent again only when the claim has ended': [
      code(
        CLAIM,
        [
          'UPDATE mails SET next_attempt_at = ${CLAIMED_UNTIL}, attempts = attempts + 1',
          'UPDATE mails SET attempts = attempts + 1',
        ],
        'mail/delivery',
        'two deliveries at once send each mail once|a mail whose process died',
      ),
    ],
    "what is recorded as sent stays so (`WHERE status = 'due'`)": [
      code(
        'src/db/mails/settle.ts',
        [
          "await db('mails').where({ id, status: 'due' }).update({\n    status,",
          "await db('mails').where({ id }).update({\n    status,",
        ],
        'mail/delivery',
        'what was recorded as sent stays so',
      ),
    ],
    "`Message-ID` from the event's ID": [
      code(
        'src/notifications/mail/message-id.ts',
        ['`<${eventId}@', '`<${eventId}-${String(Math.random())}@'],
        'mail/delivery',
        'is sent again, under the same ID',
      ),
    ],
    'mails of one booking in order (`NOT EXISTS earlier`)': [
      code(
        CLAIM,
        ["AND earlier.status = 'due' AND", "AND earlier.status = 'never' AND"],
        'mail/delivery',
        'in their order',
      ),
    ],
    "a refused login or sender is the server's fault, not the mail's: nothing is lost": [
      code(
        SMTP,
        [
          'code === null || code === CLOSING || !isAboutTheMail',
          'code === null || code === CLOSING || (!isAboutTheMail && code === 0)',
        ],
        'mail/smtp',
        'a server that refuses our own address',
      ),
    ],
    '421 is no refusal of the mail': [
      code(
        SMTP,
        ['const CLOSING = 421;', 'const CLOSING = 0;'],
        'mail/smtp',
        'a server that is about to close',
      ),
    ],
    'a server that is away costs no attempt and never expires a mail': [
      code(
        'src/db/mails/settle.ts',
        ['attempts: attempts - 1 });', 'attempts });'],
        'mail/delivery',
        'a server that is away for a while',
      ),
      code(
        'src/db/mails/settle.ts',
        [
          'if (delayMs === undefined) {',
          'if (delayMs === undefined || Date.now() - mail.occurredAt.getTime() > 432_000_000) {',
        ],
        'mail/delivery',
        'a server that was away for days',
      ),
    ],
    'a mail about a change says what that one cost, whatever came since (`readChangeCost`)': [
      code(
        'src/db/mails/change-cost-view.ts',
        ['AND e.id < o.booking_event_id AND', 'AND'],
        'mail/changed',
        'each mail about a change says what that one cost',
      ),
    ],
    'while it is away one mail asks, not all': [
      code(
        DELIVERY,
        ['(this.#pauseMs === 0 ? LANES : 1)', 'LANES'],
        'mail/delivery',
        'while the server is away it is asked for one mail',
      ),
    ],
    'ten held mails per address and day, whatever the case of its letters': [
      code(
        'src/db/mails/take.ts',
        [
          "kind === 'held' && (await hasEnoughHeldMails(trx, event))",
          "kind === 'held' && (await hasEnoughHeldMails(trx, event)) && false",
        ],
        'mail/delivery',
        'an address gets ten mails',
      ),
      code(
        'src/db/mails/take.ts',
        [
          "'SELECT lower(contact_email) AS address FROM bookings WHERE id = $1'",
          "'SELECT contact_email AS address FROM bookings WHERE id = $1'",
        ],
        'mail/delivery',
        'an address gets ten mails',
      ),
    ],
    'however it is spelled (`contactAddress`)': [
      code(
        'src/domain/local-part.ts',
        ['if (!QUOTED.test(local)) return local;', 'if (local !== undefined) return local;'],
        'mail/delivery',
        'is spelled in several ways: with (quotes|backslashes)',
      ),
      code(
        'src/db/bookings/contact-address.ts',
        [
          'const domain = domainToASCII(given.slice(at + 1));',
          'const domain = domainToASCII && given.slice(at + 1);',
        ],
        'mail/delivery',
        'with a domain as DNS has it',
      ),
    ],
    'no row without a mail server (trigger `leave_out_mail`)': [
      database(
        'DROP TRIGGER outgoing_events_without_mail ON outgoing_events',
        'mail/delivery',
        'before there was a mail server',
      ),
    ],
    'calendar: TZID of linked zones (America/St_Thomas comes as America/Puerto_Rico)': [
      code(
        CALENDAR,
        ["  component.updatePropertyWithValue('tzid', timeZone);\n", ''],
        'mail/calendar',
        'every airport of the schedule',
      ),
    ],
    'calendar: the repeated hour in UTC (ical.js and others disagree with RFC 5545)': [
      code(
        CALENDAR,
        ['  if (isRepeated) {', '  if (isRepeated && instant.getTime() === 0) {'],
        'mail/calendar',
        'on a day on which the clocks change',
      ),
    ],
    'a file for each mail of the mailbox is found by the list of files alone': [
      code(
        'scripts/stack/mailbox/mail-folder.ts',
        [
          'return this.#ids().includes(id) ? readFileSync(this.#file(id)) : undefined;',
          'return readFileSync(this.#file(id));',
        ],
        'stack/mailbox',
      ),
    ],
  },
};
