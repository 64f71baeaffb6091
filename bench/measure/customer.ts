import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { mintToken } from '../../src/cli/mint';
import type { RunningStack } from './running-stack';

/** Longer than the API keeps anyone waiting: an answer that is not there by then never comes. */
const TIMEOUT_MS = 30_000;

export interface Answer {
  status: number;
  /** Parsed JSON. */
  body: unknown;
}

/** One customer of the API: a token, a connection that stays open, and an address of their own. */
export class Customer {
  private constructor(
    private readonly apiUrl: string,
    private readonly token: string,
    private readonly agent: Agent,
  ) {}

  /** Makes up a customer; `number` must be new, and `name` with it. */
  static async arrive(
    { apiUrl, tokens }: RunningStack,
    name: string,
    number: number,
  ): Promise<Customer> {
    const token = await mintToken(tokens, { sub: name, scope: 'bookings', expiresIn: '1h' });
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ...addressOf(number) });
    return new Customer(apiUrl, token, agent);
  }

  get(path: string): Promise<Answer> {
    return this.ask('GET', path, {});
  }

  post(path: string, idempotencyKey: string, body: unknown): Promise<Answer> {
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${this.token}`,
      'idempotency-key': idempotencyKey,
    };
    return this.ask('POST', path, headers, JSON.stringify(body));
  }

  leave(): void {
    this.agent.destroy();
  }

  private async ask(
    method: 'GET' | 'POST',
    path: string,
    headers: Record<string, string>,
    body = '',
  ): Promise<Answer> {
    const { agent } = this;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const sent = request(this.apiUrl + path, { method, agent, headers, signal });
    // What goes wrong once the answer has begun shows when it is read.
    sent.on('error', () => undefined);
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, body: await json(response) };
  }
}

/**
 * Searches are limited by address, since they need no token. All of 127.0.0.0/8 is this machine's
 * on Linux, so that customers come from an address each, as they do in life; elsewhere they share
 * one.
 */
function addressOf(number: number): { localAddress?: string } {
  if (process.platform !== 'linux') return {};
  // From 127.1.0.1 on, leaving out those that end in 0 and 255.
  const [network, host] = [Math.floor(number / 254) % 65_000, (number % 254) + 1];
  return { localAddress: `127.${1 + (network >> 8)}.${network & 255}.${host}` };
}
