import { installFromPyPI } from '../support/tools';
import { startServer, type Server } from './server';

/**
 * localstripe, an independent imitation of Stripe that keeps state: it takes cards, declines them,
 * captures, cancels and refunds. It is a hostile provider, too: it pays no heed to idempotency
 * keys, has no search, captures what was cancelled, and gives back more than came in.
 *
 * Left to itself it listens on every interface, and writes its state into a file that all of its
 * instances share.
 */
const LAUNCHER = `
import sys
from aiohttp import web
from localstripe import resources, server
resources.Store.dump_to_disk = lambda store: None
web.run_app(server.app, host='127.0.0.1', port=int(sys.argv[1]), print=None, access_log=None)
`;

export const SECRET_KEY = 'sk_test_localstripe';

/** What localstripe knows, read past our gateway. */
export interface LocalStripe extends Server {
  intentsOf(paymentId: string): Promise<LocalIntent[]>;
  refundsOf(intentId: string): Promise<{ amount: number }[]>;
  post(path: string, form: Record<string, string>): Promise<Response>;
}

export interface LocalIntent {
  id: string;
  amount: number;
  status: string;
  client_secret: string;
  metadata: { paymentId?: string };
  latest_charge: { captured: boolean } | null;
}

export async function startLocalStripe(): Promise<LocalStripe> {
  const PYTHONPATH = installFromPyPI('localstripe', '1.15.10');
  const server = await startServer((port) => ['python3', '-c', LAUNCHER, String(port)], {
    PYTHONPATH,
  });

  async function list<T>(route: string): Promise<T[]> {
    const answer = await fetch(`${server.url}/v1/${route}limit=1000`, { headers: AUTHORIZATION });
    const { data } = (await answer.json()) as { data: T[] };
    return data;
  }

  return {
    ...server,
    intentsOf: async (paymentId) => {
      const intents = await list<LocalIntent>('payment_intents?');
      return intents.filter(({ metadata }) => metadata.paymentId === paymentId);
    },
    refundsOf: (intentId) => list(`refunds?payment_intent=${intentId}&`),
    post: (path, form) =>
      fetch(`${server.url}/v1/${path}`, {
        method: 'POST',
        headers: AUTHORIZATION,
        body: new URLSearchParams(form),
      }),
  };
}

const AUTHORIZATION = { authorization: `Bearer ${SECRET_KEY}` };
