import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

/** A mail as a mailbox got it. */
export interface ReceivedMail {
  /** The address that the server was told to deliver it to. */
  recipient: string;
  email: Email;
}

/** What a server replies to a command of a mail: null accepts it. */
export interface Behaviour {
  sender?: (address: string) => number | null;
  recipient?: (address: string) => number | null;
  message?: (mail: ReceivedMail) => number | null;
  /** Called when a mail is accepted, before the client hears of it. */
  beforeAcceptance?: (mail: ReceivedMail) => Promise<void>;
}

export type TestMailServer = Awaited<ReturnType<typeof openMailbox>>;

/**
 * A real mail server on this machine that keeps what it accepts, in the order in which it comes. It
 * refuses what it is told to.
 */
export async function openMailbox(port = 0) {
  const box = { mails: [] as ReceivedMail[], behaviour: {} as Behaviour };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    // Milliseconds that clients have to end, once it is closed.
    closeTimeout: 100,
    onMailFrom: ({ address }, _, done) => done(replyOf(box.behaviour.sender?.(address))),
    onRcptTo: ({ address }, _, done) => done(replyOf(box.behaviour.recipient?.(address))),
    onData: (stream, session, done) => {
      const parsed = buffer(stream).then((raw) => PostalMime.parse(raw));
      void parsed.then(async (email) => {
        const mail = { recipient: session.envelope.rcptTo[0]?.address ?? '', email };
        const refusal = replyOf(box.behaviour.message?.(mail));
        if (refusal === null) {
          box.mails.push(mail);
          await box.behaviour.beforeAcceptance?.(mail);
        }
        done(refusal);
      }, done);
    },
  });
  // A client that dies in the middle of a mail is no fault of the server's.
  server.on('error', () => undefined);
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  const address = server.server.address() as AddressInfo;
  return Object.assign(box, {
    port: address.port,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  });
}

function replyOf(code: number | null | undefined): Error | null {
  if (code === null || code === undefined) return null;
  return Object.assign(new Error('5.0.0 No, not for ada@example.com'), { responseCode: code });
}
