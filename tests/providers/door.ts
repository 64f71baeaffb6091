import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PassedRequest {
  method: string;
  path: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/**
 * A door that all requests to a server go through: it notes each, and can do something just before
 * one is let in.
 */
export interface Door {
  url: string;
  passed: PassedRequest[];
  /** For the next request that changes something. */
  beforeNextChange(act: () => Promise<void>): void;
  close(): Promise<void>;
}

export async function openDoor(target: string): Promise<Door> {
  const passed: PassedRequest[] = [];
  let before: (() => Promise<void>) | undefined;

  async function forward(incoming: http.IncomingMessage, answer: http.ServerResponse) {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const body = Buffer.concat(await incoming.toArray()).toString();
    passed.push({ method, path, headers, body });
    if (method === 'POST') {
      const act = before;
      before = undefined;
      await act?.();
    }
    // A connection of its own for each request, so that none has been through what an earlier one
    // met.
    const outgoing = http.request(target + path, { method, headers, agent: false });
    outgoing.on('response', (reply) => {
      reply.on('error', () => answer.destroy());
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    answer.on('close', () => outgoing.destroy());
    outgoing.end(body);
  }

  const server = http.createServer((incoming, answer) => void forward(incoming, answer));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    beforeNextChange: (act) => {
      before = act;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
