import { openMailbox } from '../support/mail-server';
import { openReceiver, type Answering } from '../support/webhook-receiver';
import type { HistoryWriter } from './history/write';

/** A shop's receiver of webhooks, and the name of its file in the history. */
export interface OpenReceiver {
  name: string;
  /** The customer whose bookings it hears of. */
  client: number;
  isHealthy: boolean;
  port: number;
}

/** One that fails with every third event when it comes first, and hangs up on others. */
function failing(history: HistoryWriter, name: string): Answering {
  const seen = new Set<string>();
  return (req, res, { headers, text, event }) => {
    const kind = seen.has(event.id) ? 'f' : (event.id[0] ?? 'f');
    seen.add(event.id);
    if (kind < '4') {
      history.received(name, { headers, body: text, answered: 'nothing' });
      req.socket.destroy();
      return;
    }
    const status = kind < '8' ? 500 : 204;
    history.received(name, { headers, body: text, answered: status });
    res.writeHead(status).end();
  };
}

function healthy(history: HistoryWriter, name: string): Answering {
  return (_req, res, { headers, text }) => {
    history.received(name, { headers, body: text, answered: 204 });
    res.writeHead(204).end();
  };
}

/**
 * What is outside of the system and hears from it: a mailbox, a receiver of webhooks for each
 * customer, and for the first one of them a second that often fails. What comes is in the history,
 * and not kept in memory: a long run has much of it.
 */
export async function openOutside(history: HistoryWriter, clients: readonly number[]) {
  const mailbox = await openMailbox();
  mailbox.behaviour.beforeAcceptance = ({ recipient, email }) => {
    const { subject = '', messageId = '' } = email;
    history.mail({ to: recipient, subject, messageId });
    mailbox.mails.length = 0;
    return Promise.resolve();
  };
  const wanted = [
    ...clients.map((client) => ({ client, isHealthy: true })),
    ...clients.slice(0, 1).map((client) => ({ client, isHealthy: false })),
  ];
  const opened = await Promise.all(
    wanted.map(async ({ client, isHealthy }) => {
      const name = `customer-${client}${isHealthy ? '' : '-failing'}`;
      const receiver = await openReceiver();
      const answer = (isHealthy ? healthy : failing)(history, name);
      receiver.answerWith((...request) => {
        receiver.received.length = 0;
        answer(...request);
      });
      return { name, client, isHealthy, port: receiver.port, close: receiver.close };
    }),
  );
  return {
    mailPort: mailbox.port,
    receivers: opened as readonly OpenReceiver[],
    /** Where each is, by name. */
    ports: {
      mail: mailbox.port,
      ...Object.fromEntries(opened.map(({ name, port }) => [name, port])),
    } as Record<string, number>,
    close: async () => {
      await Promise.all([mailbox.close(), ...opened.map(({ close }) => close())]);
    },
  };
}
