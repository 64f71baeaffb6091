import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { MailDelivery, type DeliveryCounts } from './delivery';
import type { MailDependencies } from './dependencies';

/** How long one activity sends mails, in milliseconds. The next one goes on. */
const SENDS_FOR_MS = 10 * 60_000;

/** How often it shows that it is alive, in milliseconds. */
const BEAT_EVERY_MS = 1_000;

/** The activity that sends mails to contacts of bookings. */
export function mailActivities(deps: MailDependencies) {
  return {
    /**
     * Sends mails as they come, for ten minutes, or until the worker stops. Returns how many came
     * to which result. Heartbeats, so that a worker that dies is noticed.
     *
     * Safe to repeat: each mail is claimed before it is sent, and recorded as sent after. A mail of
     * a worker that dies in between is sent again, under the same `Message-ID`.
     *
     * @throws where no mail server is set: another worker may have one.
     */
    async deliverMails(): Promise<DeliveryCounts> {
      const { mail, stopping } = deps;
      if (mail === undefined) throw new Error('SMTP_URL is not set for this worker');
      const end = endOf([stopping, cancellationSignal()], SENDS_FOR_MS);
      const delivery = new MailDelivery({ ...deps, mail }, end.signal);
      const beats = setInterval(() => {
        heartbeat();
      }, BEAT_EVERY_MS);
      await delivery.run().finally(() => {
        clearInterval(beats);
        end.forget();
      });
      return delivery.counts;
    },
  };
}

/** A signal that is aborted with the first of several, or after some milliseconds. */
function endOf(signals: readonly AbortSignal[], ms: number) {
  const controller = new AbortController();
  const end = () => {
    controller.abort();
  };
  const timer = setTimeout(end, ms);
  for (const signal of signals) {
    if (signal.aborted) end();
    signal.addEventListener('abort', end);
  }
  return {
    signal: controller.signal,
    forget: () => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', end);
    },
  };
}

export type MailActivities = ReturnType<typeof mailActivities>;
