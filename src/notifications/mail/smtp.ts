import { createTransport } from 'nodemailer';
import type { Sender, SmtpServer } from '../../mail-settings';
import type { ComposedMail } from './compose';

/** A mail, its recipient's address, and the ID that is the same whenever it is sent. */
export interface OutgoingMail extends ComposedMail {
  to: string;
  messageId: string;
}

/**
 * - `accepted`: the server has taken the mail, and delivers it;
 * - `refused`: it will never take this mail, for example since there is no such mailbox;
 * - `postponed`: it does not take this mail for now;
 * - `unavailable`: it was away, busy, or does not want to talk to us, whatever the mail.
 *
 * `code` is the SMTP reply (RFC 5321), null if there was none. Texts of the server are left out:
 * they name addresses.
 */
export type SendingResult =
  | { outcome: 'accepted' }
  | { outcome: 'refused'; code: number | null }
  | { outcome: 'postponed'; code: number }
  | { outcome: 'unavailable'; code: number | null; cause: string };

/** Connections to the server at once; a pool sends many mails over each. */
const MAX_CONNECTIONS = 5;

/** Time limits in milliseconds, far above what a server needs that works. */
const CONNECT_WITHIN_MS = 10_000;
const ANSWER_WITHIN_MS = 20_000;

/** Other mail systems send no automatic replies to mails with these. */
const AUTOMATIC = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };

export type MailServer = ReturnType<typeof openMailServer>;

/** Opens connections to a mail server when the first mail is sent. */
export function openMailServer(server: SmtpServer, sender: Sender) {
  const transport = createTransport({
    pool: true,
    host: server.host,
    port: server.port,
    secure: server.isSecure,
    requireTLS: server.requiresTls,
    ...(server.login && { auth: { user: server.login.user, pass: server.login.password } }),
    maxConnections: MAX_CONNECTIONS,
    // Whether a mail is sent again is for us to decide, and to record.
    maxRequeues: 0,
    dnsTimeout: CONNECT_WITHIN_MS,
    connectionTimeout: CONNECT_WITHIN_MS,
    greetingTimeout: CONNECT_WITHIN_MS,
    socketTimeout: ANSWER_WITHIN_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  return {
    /**
     * Sends a mail, and returns what the server says. Never throws because of the server.
     *
     * Repeated, the recipient may get it twice, under the same `Message-ID`.
     */
    async send({
      to,
      messageId,
      subject,
      text,
      html,
      calendar,
    }: OutgoingMail): Promise<SendingResult> {
      try {
        await transport.sendMail({
          from: sender,
          to: { name: '', address: to },
          messageId,
          subject,
          text,
          html,
          headers: AUTOMATIC,
          attachments: calendar === null ? [] : [attachmentOf(calendar)],
        });
        return { outcome: 'accepted' };
      } catch (error) {
        return resultOf(error as SmtpError);
      }
    },

    close: () => {
      transport.close();
    },
  };
}

function attachmentOf(calendar: string) {
  return {
    filename: 'flights.ics',
    content: calendar,
    contentType: 'text/calendar; charset=utf-8; method=PUBLISH',
  };
}

/** What nodemailer says of a failure. */
interface SmtpError extends Error {
  code?: string;
  command?: string;
  responseCode?: number;
}

/** The commands whose refusal is about this mail; a refused login, or sender, is about us. */
const ABOUT_THE_MAIL = ['RCPT TO', 'DATA'];

/** The server closes the connection: no refusal of this mail, whatever it came in reply to. */
const CLOSING = 421;

function resultOf({ code: cause = 'unknown', command, responseCode }: SmtpError): SendingResult {
  // An address that can't even be put into a command.
  if (cause === 'EENVELOPE' && command === 'API') return { outcome: 'refused', code: null };
  const code = responseCode ?? null;
  const isAboutTheMail = command !== undefined && ABOUT_THE_MAIL.includes(command);
  if (code === null || code === CLOSING || !isAboutTheMail)
    return { outcome: 'unavailable', code, cause };
  return code >= 500 ? { outcome: 'refused', code } : { outcome: 'postponed', code };
}
