import type { Db } from '../../db/connection';
import type { MailKind } from '../../domain/mail';
import type { Sender } from '../../mail-settings';
import type {} from '../../notifications/mail/mail';
import type { MailServer } from '../../notifications/mail/smtp';

/** What became of one attempt to send a mail. */
export type MailResult =
  'sent' | 'refused' | 'withheld' | 'expired' | 'postponed' | 'unavailable' | 'failed';

/** Writes a line of the log. */
type Note = (message: string, details: object) => unknown;

/** What mails are sent with. */
export interface MailDependencies {
  db: Db;
  /** Undefined where no mail server is set. */
  mail: { server: MailServer; sender: Sender } | undefined;
  /** Aborted when the worker is told to stop: another one then takes over at once. */
  stopping: AbortSignal;
  logger: Record<'info' | 'warn' | 'error', Note>;
  /** Called after each attempt. */
  onResult: (kind: MailKind, result: MailResult) => void;
}
