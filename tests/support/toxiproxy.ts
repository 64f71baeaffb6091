import { startServer } from '../providers/server';
import { installFromGo } from './tools';

/** What a connection does to the bytes of one direction: Toxiproxy's own names and attributes. */
export interface Toxic {
  /** Its own among those of a connection. */
  name: string;
  type: 'latency' | 'timeout' | 'reset_peer' | 'bandwidth' | 'limit_data';
  /** Towards the server, or towards the client. */
  stream: 'upstream' | 'downstream';
  attributes?: Record<string, number>;
}

export type Toxiproxy = Awaited<ReturnType<typeof startToxiproxy>>;

/** A process that connections go through, and that breaks them on demand. */
export async function startToxiproxy() {
  const program = installFromGo('github.com/Shopify/toxiproxy/v2/cmd/server', '2.12.0');
  const control = await startServer((port) => [program, '-port', String(port)]);

  async function tell(method: 'POST' | 'DELETE', path: string, body?: object): Promise<void> {
    const answer = await fetch(control.url + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`toxiproxy refused ${path}: ${await answer.text()}`);
  }
  const pathOf = (name: string) => `/proxies/${encodeURIComponent(name)}`;

  return {
    /** Opens a port of this machine that leads to another one. */
    open: (name: string, ports: { listen: number; target: number }) =>
      tell('POST', '/proxies', {
        name,
        listen: `127.0.0.1:${ports.listen}`,
        upstream: `127.0.0.1:${ports.target}`,
        enabled: true,
      }),
    /** From now on, on open connections too. */
    add: (name: string, toxic: Toxic) => tell('POST', `${pathOf(name)}/toxics`, toxic),
    remove: (name: string, toxic: string) =>
      tell('DELETE', `${pathOf(name)}/toxics/${encodeURIComponent(toxic)}`),
    /** Breaks every connection, and takes no new one. */
    close: (name: string) => tell('POST', pathOf(name), { enabled: false }),
    /** Everything as it was when it was opened. */
    repair: () => tell('POST', '/reset'),
    stop: () => control.stop(),
  };
}
