import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { Booking } from '../../src/domain/booking';

/** What came in one request. */
export interface Received {
  headers: Record<string, string>;
  /** Letter by letter, as it was signed. */
  text: string;
  event: ReceivedEvent;
  atMs: number;
}

export interface ReceivedEvent {
  id: string;
  type: string;
  createdAt: string;
  sequence: number | null;
  data: { booking: Booking | null };
}

/** How a receiver answers; by default with 204. */
export type Answering = (req: IncomingMessage, res: ServerResponse, received: Received) => void;

export type Receiver = Awaited<ReturnType<typeof openReceiver>>;

const noContent: Answering = (_req, res) => {
  res.writeHead(204).end();
};

/** A shop's receiver: a real HTTP server that keeps what it got. */
export async function openReceiver(answering: Answering = noContent, atPort = 0) {
  const received: Received[] = [];
  const open = { now: 0, most: 0 };
  let answer = answering;
  const server = createServer((req, res) => {
    open.now += 1;
    open.most = Math.max(open.most, open.now);
    res.once('close', () => (open.now -= 1));
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const headers = Object.fromEntries(
        Object.entries(req.headers).map(([name, value]) => [name, String(value)]),
      );
      const one = { headers, text, event: JSON.parse(text) as ReceivedEvent, atMs: Date.now() };
      received.push(one);
      answer(req, res, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(atPort, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    port,
    received,
    /** The most requests that were open at once. */
    mostAtOnce: () => open.most,
    /** What came of one booking, in the order of `sequence`, each event once. */
    eventsOf(bookingId: string): ReceivedEvent[] {
      const own = received
        .map(({ event }) => event)
        .filter(({ data }) => data.booking?.id === bookingId);
      const once = new Map(own.map((event) => [event.id, event]));
      return [...once.values()].sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0));
    },
    answerWith(next: Answering): void {
      answer = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Checks a request as a shop would in the moment in which it came, by the scheme's own library; throws
 * if it is not signed, or not of that time.
 */
export function verify({ text, headers, atMs }: Received, secret: string): void {
  const clock = jest.spyOn(Date, 'now').mockReturnValue(atMs);
  try {
    new Webhook(secret).verify(text, headers);
  } finally {
    clock.mockRestore();
  }
}
