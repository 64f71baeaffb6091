import { createServer, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listen } from '../support/api';

/** One answer of the script. */
export interface Scripted {
  status: number;
  /** Sent as JSON; text is sent as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  /** `cut`: the connection ends in the middle of the answer. `none`: nothing is ever said. */
  fault?: 'cut' | 'none';
}

export interface Seen {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** By the clock of the process, in milliseconds. */
  at: number;
}

/** A server that answers by a script, one line per request; the last line goes on for ever. */
export async function openScriptedServer(...script: Scripted[]) {
  const seen: Seen[] = [];
  const server = createServer((req, res) => {
    void buffer(req).then((body) => {
      const {
        status,
        body: said,
        headers,
        fault,
      } = script[Math.min(seen.length, script.length - 1)] ?? { status: 500 };
      const { method = '', url = '' } = req;
      seen.push({ method, url, headers: req.headers, body: body.toString(), at: Date.now() });
      if (fault === 'none') return;
      const text = typeof said === 'string' ? said : JSON.stringify(said ?? {});
      res.writeHead(status, {
        'content-type': status < 400 ? 'application/json' : 'application/problem+json',
        ...(fault === 'cut' ? { 'content-length': String(text.length + 100) } : {}),
        ...headers,
      });
      if (fault === 'cut') res.write(text, () => res.destroy());
      else res.end(status === 204 ? undefined : text);
    });
  });
  const url = await listen(server);
  return {
    url,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
