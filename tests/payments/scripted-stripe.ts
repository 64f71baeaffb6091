import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A server that answers as Stripe would in situations that no imitation can be brought into: what
 * it answers is written down by each test.
 */
export interface ScriptedStripe {
  url: string;
  /** What was asked since the last script. */
  requests: {
    route: string;
    query: URLSearchParams;
    headers: http.IncomingHttpHeaders;
    form: URLSearchParams;
  }[];
  /**
   * Forgets all, then gives each route its answers, one after another; the last is repeated. Where
   * nothing is scripted, there is nothing.
   */
  script(answers: Record<string, Answer | Answer[]>): void;
  stop(): Promise<void>;
}

/**
 * A body that Stripe would send; or a whole response; or none, with the connection closed or left
 * open.
 */
export type Answer = object | Response | 'hangs up' | 'says nothing';

export async function startScriptedStripe(): Promise<ScriptedStripe> {
  const requests: ScriptedStripe['requests'] = [];
  const scripted = new Map<string, Answer[]>();

  async function answer(incoming: http.IncomingMessage, outgoing: http.ServerResponse) {
    const { method = '', url = '', headers } = incoming;
    const form = new URLSearchParams(Buffer.concat(await incoming.toArray()).toString());
    const [path, query] = url.split('?');
    const route = `${method} ${path}`;
    requests.push({ route, query: new URLSearchParams(query), headers, form });
    const answers = scripted.get(route) ?? [nothing(route)];
    const next = answers.length > 1 ? answers.shift() : answers[0];
    if (next === 'hangs up') incoming.socket.destroy();
    if (typeof next !== 'object') return;
    const { status, headers: sent, body } = inWhole(next);
    outgoing.writeHead(status, { 'request-id': 'req_1', ...Object.fromEntries(sent) });
    outgoing.end(await new Response(body).text());
  }

  const server = http.createServer((incoming, outgoing) => void answer(incoming, outgoing));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    script: (answers) => {
      requests.length = 0;
      scripted.clear();
      for (const [route, given] of Object.entries(answers)) {
        scripted.set(route, [given].flat());
      }
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function inWhole(answer: object): Response {
  return answer instanceof Response ? answer.clone() : Response.json(answer);
}

function nothing(route: string): Answer {
  return /(payment_intents|search|refunds)$/.test(route) ? listOf() : failure(404, {});
}

export function listOf(...data: object[]): object {
  return { object: 'list', data, has_more: false };
}

/** One of Stripe's errors. */
export function failure(
  status: number,
  error: Record<string, unknown>,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ error: { message: TEXT_OF_ERROR, ...error } }, { status, headers });
}

/** Stripe's texts quote what was sent. */
export const TEXT_OF_ERROR = 'No such thing: tok_of_a_customer';

/** A PaymentIntent of 120.00 USD. */
export function intentOf(id: string, details: object = {}): object {
  return {
    id,
    object: 'payment_intent',
    created: Math.floor(Date.now() / 1000),
    status: 'requires_capture',
    amount: 12_000,
    amount_received: 0,
    currency: 'usd',
    metadata: { paymentId: PAYMENT_ID, bookingId: BOOKING_ID },
    last_payment_error: null,
    next_action: null,
    latest_charge: null,
    ...details,
  };
}

export const PAYMENT_ID = '6f1c1d3e-2a51-5d0b-8d5a-0b9f4b8c2f11';
export const BOOKING_ID = '0d8f6f0a-7a53-5c43-9b1e-5f5f9d6a7c22';
