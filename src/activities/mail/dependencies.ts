import type { Db } from '../../db/connection';
import type { MailKind } from '../../domain/mail';
import type { Sender } from '../../mail-settings';
import type {} from '../../notifications/mail/mail';
import type { MailServer } from '../../notifications/mail/smtp';
import type { Logger } from '../../telemetry/logger';

/** What became of one attempt to send a mail. */
export type MailResult =
  'sent' | 'refused' | 'withheld' | 'expired' | 'postponed' | 'unavailable' | 'failed';

/** What mails are sent with. */
export interface MailDependencies {
  db: Db;
  /** Undefined where no mail server is set. */
  mail: { server: MailServer; sender: Sender } | undefined;
  /** Aborted when the worker is told to stop: another one then takes over at once. */
  stopping: AbortSignal;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Called after each attempt. */
  onResult: (kind: MailKind, result: MailResult) => void;
}
