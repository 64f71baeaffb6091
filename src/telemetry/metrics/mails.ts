import { Counter, type Registry } from 'prom-client';
import type { MailResult } from '../../activities/mail/dependencies';
import type { MailKind } from '../../domain/mail';

const KINDS: Record<MailKind, true> = {
  held: true,
  booked: true,
  cancelled: true,
  changed: true,
  schedule_changed: true,
};

const RESULTS: Record<MailResult, true> = {
  sent: true,
  refused: true,
  withheld: true,
  expired: true,
  postponed: true,
  unavailable: true,
  failed: true,
};

/**
 * Counts attempts to send mails. Counters begin with zero, so that the first refusal is an
 * increase.
 */
export function countMails(registry: Registry): (kind: MailKind, result: MailResult) => void {
  const mails = new Counter({
    name: 'mails_total',
    help: 'Attempts to send mails, by kind of mail and result.',
    labelNames: ['kind', 'result'],
    registers: [registry],
  });
  for (const kind of Object.keys(KINDS))
    for (const result of Object.keys(RESULTS)) mails.inc({ kind, result }, 0);
  return (kind, result) => {
    mails.inc({ kind, result });
  };
}
