import { freePort } from '../../scripts/stack/ports';
import { startToxiproxy } from '../support/toxiproxy';

/** A network with faults between us and a server, on demand. */
export interface Network {
  url: string;
  /** What is sent to us is delayed; or withheld; or its first byte resets the connection. */
  trouble(
    kind: 'latency' | 'timeout' | 'reset_peer',
    attributes?: Record<string, number>,
  ): Promise<void>;
  /** Nothing gets through any more, and nobody listens. */
  cut(): Promise<void>;
  repair(): Promise<void>;
  stop(): Promise<void>;
}

const NAME = 'provider';

export async function startNetwork(target: number): Promise<Network> {
  const toxiproxy = await startToxiproxy();
  const port = await freePort();
  await toxiproxy.open(NAME, { listen: port, target });
  return {
    url: `http://127.0.0.1:${port}`,
    trouble: (type, attributes = {}) =>
      toxiproxy.add(NAME, { name: type, type, stream: 'downstream', attributes }),
    cut: () => toxiproxy.close(NAME),
    repair: () => toxiproxy.repair(),
    stop: () => toxiproxy.stop(),
  };
}
