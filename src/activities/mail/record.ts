import type { Db } from '../../db/connection';
import type { DueMail } from '../../db/mails/claim';
import { postponeMail, putOffMail, settleMail } from '../../db/mails/settle';
import type { MailResult } from './dependencies';
import type { Attempt } from './send';

/** Records what became of an attempt to send a mail. Safe to repeat. */
export async function recordAttempt(db: Db, mail: DueMail, attempt: Attempt): Promise<MailResult> {
  switch (attempt.outcome) {
    case 'accepted':
      await settleMail(db, mail, 'sent');
      return 'sent';
    case 'refused':
      await settleMail(db, mail, 'refused', attempt.code);
      return 'refused';
    case 'no_address':
      await settleMail(db, mail, 'withheld');
      return 'withheld';
    case 'postponed':
      return (await postponeMail(db, mail, attempt.code)) === 'due' ? 'postponed' : 'expired';
    case 'not_composed':
      return (await postponeMail(db, mail, null)) === 'due' ? 'failed' : 'expired';
    case 'unavailable':
      await putOffMail(db, mail);
      return 'unavailable';
    default:
      throw new Error(`Bug: ${String(attempt satisfies never)} is no outcome`);
  }
}
