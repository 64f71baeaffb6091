import type { Client } from '@temporalio/client';
import type { Sender, SmtpServer } from '../mail-settings';
import type { Db } from '../db/connection';
import { turnMailOn } from '../db/mails/switch';
import { openMailServer } from '../notifications/mail/smtp';
import type { Logger } from '../telemetry/logger';
import { ensureMailDelivery } from '../temporal/clients/mail-delivery';

/** How often it is made sure that the delivery runs, in milliseconds. */
const ENSURE_EVERY_MS = 60_000;

/**
 * Prepares a worker to send mails; returns undefined without a mail server. Nothing is sent before
 * it is started.
 */
export function openMail(settings: { server: SmtpServer; sender: Sender } | undefined) {
  if (settings === undefined) return undefined;
  const { server, sender } = settings;
  return {
    connection: { server: openMailServer(server, sender), sender },

    /**
     * Has events recorded for mail from now on, and starts the workflow that sends them; again
     * whenever someone has ended it. A database or a Temporal that is away does not stop a worker.
     */
    start(
      db: Db,
      client: Client,
      taskQueue: string,
      stopping: AbortSignal,
      logger: Pick<Logger, 'warn'>,
    ): void {
      const ensure = async () => {
        try {
          await turnMailOn(db);
          await ensureMailDelivery(client, taskQueue);
        } catch (error) {
          logger.warn('The delivery of mails could not be started', { error });
        }
      };
      void ensure();
      const again = setInterval(() => void ensure(), ENSURE_EVERY_MS);
      stopping.addEventListener('abort', () => {
        clearInterval(again);
      });
    },
  };
}
