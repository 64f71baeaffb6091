import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { mintToken } from '../../src/cli/mint';

/** Longer than any API keeps a client waiting. */
const TIMEOUT_MS = 30_000;

/** APIs that sell seats, on which flights, and what makes tokens that they take. */
export interface Shop {
  /** Customers are spread over them evenly. */
  apiUrls: readonly string[];
  tokens: { secret: string; issuer: string; audience: string };
  /** IDs of flights with seats on sale. */
  flights: readonly string[];
}

export interface Answer {
  status: number;
  /** Parsed JSON. */
  body: unknown;
  /** What the response's `Retry-After` says, in seconds. */
  retryAfterSeconds: number | undefined;
}

/** One customer of the API: a token, and connections that stay open. */
export class Customer {
  private constructor(
    readonly name: string,
    private readonly apiUrl: string,
    private readonly token: string,
    private readonly agent: Agent,
    private readonly ownsAgent: boolean,
  ) {}

  /**
   * Makes up a customer; `number` must be new, and `name` with it. Without `sockets`, which many may
   * share, they have a connection and an address of their own.
   */
  static async arrive(
    { apiUrls, tokens }: Pick<Shop, 'apiUrls' | 'tokens'>,
    name: string,
    number: number,
    sockets?: Agent,
  ): Promise<Customer> {
    const apiUrl = apiUrls[number % apiUrls.length] ?? '';
    const token = await mintToken(tokens, { sub: name, scope: 'bookings', expiresIn: '2h' });
    const agent = sockets ?? new Agent({ keepAlive: true, maxSockets: 1, ...addressOf(number) });
    return new Customer(name, apiUrl, token, agent, sockets === undefined);
  }

  async post(path: string, idempotencyKey: string, body: unknown): Promise<Answer> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
    return this.send('POST', path, headers, JSON.stringify(body));
  }

  async get(path: string): Promise<Answer> {
    return this.send('GET', path, {});
  }

  leave(): void {
    if (this.ownsAgent) this.agent.destroy();
  }

  private async send(
    method: 'GET' | 'POST',
    path: string,
    extra: Record<string, string>,
    body?: string,
  ): Promise<Answer> {
    const headers = { ...extra, authorization: `Bearer ${this.token}` };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const sent = request(this.apiUrl + path, { method, agent: this.agent, headers, signal });
    // What goes wrong once the response has begun shows when it is read.
    sent.on('error', () => undefined);
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const retryAfter = Number(response.headers['retry-after']);
    return {
      status: response.statusCode ?? 0,
      body: await json(response),
      retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
    };
  }
}

/**
 * All of 127.0.0.0/8 is this machine's on Linux, so that customers come from an address each, as
 * they do in life; elsewhere they share one.
 */
function addressOf(number: number): { localAddress?: string } {
  if (process.platform !== 'linux') return {};
  // From 127.1.0.1 on, leaving out those that end in 0 and 255.
  const [network, host] = [Math.floor(number / 254) % 65_000, (number % 254) + 1];
  return { localAddress: `127.${1 + (network >> 8)}.${network & 255}.${host}` };
}
