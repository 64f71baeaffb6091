import { freePort } from '../../scripts/stack/ports';
import { installFromGo } from '../support/tools';
import { startServer } from './server';

/** A network with faults between us and a server, on demand. */
export interface Network {
  url: string;
  /** What is sent to us is delayed; or withheld; or its first byte resets the connection. */
  trouble(kind: 'latency' | 'timeout' | 'reset_peer', attributes?: object): Promise<void>;
  /** Nothing gets through any more, and nobody listens. */
  cut(): Promise<void>;
  repair(): Promise<void>;
  stop(): Promise<void>;
}

export async function startNetwork(target: number): Promise<Network> {
  const program = installFromGo('github.com/Shopify/toxiproxy/v2/cmd/server', '2.12.0');
  const control = await startServer((port) => [program, '-port', String(port)]);
  const port = await freePort();

  async function tell(path: string, body?: object): Promise<void> {
    const answer = await fetch(control.url + path, {
      method: 'POST',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`toxiproxy refused ${path}: ${await answer.text()}`);
  }

  await tell('/proxies', {
    name: 'provider',
    listen: `127.0.0.1:${port}`,
    upstream: `127.0.0.1:${target}`,
    enabled: true,
  });
  return {
    url: `http://127.0.0.1:${port}`,
    trouble: (type, attributes = {}) =>
      tell('/proxies/provider/toxics', { type, stream: 'downstream', attributes }),
    cut: () => tell('/proxies/provider', { enabled: false }),
    repair: () => tell('/reset'),
    stop: () => control.stop(),
  };
}
