import { Agent, get } from 'node:http';
import { Times } from '../../drive/times';

const INTERVAL_MS = 250;
const TIMEOUT_MS = 30_000;

export interface Liveness {
  times: Times;
  /** Without a response, or with another than 200. */
  failed: number;
}

/** Asks `/livez` again and again, however long each response takes, until it is told to stop. */
export function watchLiveness(apiUrl: string): () => Promise<Liveness> {
  const liveness: Liveness = { times: new Times(), failed: 0 };
  const agent = new Agent({ keepAlive: true });
  const underWay = new Set<Promise<void>>();
  const ask = () => {
    const from = performance.now();
    const asked = statusOf(`${apiUrl}/livez`, agent).then((status) => {
      liveness.times.noteSince(from);
      if (status !== 200) liveness.failed += 1;
      underWay.delete(asked);
    });
    underWay.add(asked);
  };
  const asking = setInterval(ask, INTERVAL_MS);
  return async () => {
    clearInterval(asking);
    await Promise.all(underWay);
    agent.destroy();
    return liveness;
  };
}

/** Returns 0 when no response comes. */
function statusOf(url: string, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    get(url, { agent, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
      response.resume().once('end', () => {
        resolve(response.statusCode ?? 0);
      });
    }).once('error', () => {
      resolve(0);
    });
  });
}
