import { claimMails, renewClaims, RENEW_EVERY_MS, type DueMail } from '../../db/mails/claim';
import { mayHaveMail } from '../../db/mails/due-view';
import { takeMails } from '../../db/mails/take';
import type { MailDependencies, MailResult } from './dependencies';
import { pause } from './pause';
import { recordAttempt } from './record';
import { sendMail, type Attempt } from './send';

/** How many mails are sent at once: as many as the server has connections from us. */
const LANES = 5;

/** How often it looks for new mails, in milliseconds, while there is none to send. */
const LOOK_EVERY_MS = 500;

/** A server that is away is asked again after a second, then less and less often. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** A database that is away is told of a sent mail again after so many milliseconds. */
const RECORD_AGAIN_AFTER_MS = 1_000;

/** How many mails came to which result. */
export type DeliveryCounts = Partial<Record<MailResult, number>>;

type Connected = MailDependencies & { mail: NonNullable<MailDependencies['mail']> };

/**
 * Sends mails as they come, until it is told to stop. Several may do so at once: each mail is
 * claimed first.
 */
export class MailDelivery {
  readonly counts: DeliveryCounts = {};
  readonly #sending = new Map<string, Promise<void>>();
  /** Zero while the server takes mails, or refuses them one by one. */
  #pauseMs = 0;

  constructor(
    private readonly deps: Connected,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Sends mails until the signal is aborted, then completes those under way.
   *
   * @throws when the database is unavailable. Mails under way are completed first.
   */
  async run(): Promise<void> {
    const { db } = this.deps;
    const renewing = setInterval(() => {
      // A claim that is not renewed lets another delivery send the mail, too.
      renewClaims(db, [...this.#sending.keys()]).catch(() => undefined);
    }, RENEW_EVERY_MS);
    try {
      while (!this.signal.aborted) {
        await pause(this.#pauseMs, this.signal);
        const free = (await mayHaveMail(db)) ? await this.#startDue() : LANES;
        await this.#untilThereIsMore(free === 0);
      }
    } finally {
      await Promise.all(this.#sending.values());
      clearInterval(renewing);
    }
  }

  /** Starts to send what is due. Returns how many lanes are left. */
  async #startDue(): Promise<number> {
    const { db } = this.deps;
    await takeMails(db);
    // A server that was away gets one mail first.
    const free = (this.#pauseMs === 0 ? LANES : 1) - this.#sending.size;
    const mails = free > 0 ? await claimMails(db, free) : [];
    for (const mail of mails) this.#start(mail);
    return free - mails.length;
  }

  /** Waits for a free lane, or for the next look. */
  async #untilThereIsMore(isBusy: boolean): Promise<void> {
    const oneEnds = [...this.#sending.values()];
    if (isBusy || this.#pauseMs > 0) await Promise.race([...oneEnds, this.#nextLook()]);
    else await this.#nextLook();
  }

  #nextLook(): Promise<void> {
    return pause(LOOK_EVERY_MS, this.signal);
  }

  #start(mail: DueMail): void {
    const sent = this.#send(mail).finally(() => this.#sending.delete(mail.id));
    this.#sending.set(mail.id, sent);
  }

  async #send(mail: DueMail): Promise<void> {
    const { db, mail: connection, logger, onResult } = this.deps;
    const isProbe = this.#pauseMs > 0;
    let attempt: Attempt;
    try {
      attempt = await sendMail(db, mail, connection, (error) => {
        logger.error('A mail could not be composed', { mail: mail.id, kind: mail.kind, error });
      });
    } catch {
      // The database is away: the claim ends by itself, and nothing was sent.
      return;
    }
    this.#noteServer(attempt, isProbe);
    const result = await this.#record(mail, attempt);
    if (result === undefined) return;
    this.counts[result] = (this.counts[result] ?? 0) + 1;
    onResult(mail.kind, result);
  }

  /** Only a probe that fails makes the pause longer: several mails may fail at once at first. */
  #noteServer(attempt: Attempt, isProbe: boolean): void {
    const wasAway = this.#pauseMs > 0;
    if (attempt.outcome === 'unavailable') {
      const { code, cause } = attempt;
      const longer = isProbe ? this.#pauseMs * 2 : this.#pauseMs;
      this.#pauseMs = Math.min(Math.max(longer, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
      if (!wasAway)
        this.deps.logger.warn('The mail server takes no mails: they wait', { code, cause });
    } else if (attempt.outcome !== 'no_address' && attempt.outcome !== 'not_composed') {
      this.#pauseMs = 0;
      if (wasAway) this.deps.logger.info('The mail server takes mails again', {});
    }
  }

  /** Records an attempt however long the database is away: otherwise the mail would go out twice. */
  async #record(mail: DueMail, attempt: Attempt): Promise<MailResult | undefined> {
    for (;;) {
      try {
        return await recordAttempt(this.deps.db, mail, attempt);
      } catch {
        if (this.signal.aborted) return undefined;
        await pause(RECORD_AGAIN_AFTER_MS, this.signal);
      }
    }
  }
}
