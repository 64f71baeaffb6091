import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { describeError } from '../../scripts/stack/failure';
import type { Page } from '../api/client';
import { forEach } from '../cluster/traffic';
import type { ProviderPayment, Response } from './history/format';
import { recordedResponse, type FinalRead, type HistoryWriter } from './history/write';

/** At once. */
const READERS = 4;

/** Reads are tens of thousands after a long run: one that fails by itself is made again. */
const INSISTS_FOR_MS = 60_000;
const PAUSE_MS = 500;
const GIVES_UP_AFTER_MS = 15_000;

/** Who reads, and as whom. */
export interface Reader {
  client: number;
  token: string;
}

/**
 * Reads, when all is calm, everything that customers can read: their bookings with payments and
 * events, and the seat maps.
 */
export async function readFinals(
  history: HistoryWriter,
  { url, readers, flightIds }: { url: string; readers: Reader[]; flightIds: readonly string[] },
): Promise<void> {
  const get = (target: string, token?: string) =>
    insist(target, () => readOnce(url + target, token));

  async function listed({ token }: Reader): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { status, body } = await get(`/api/v1/bookings?limit=100${after}`, token);
      if (status !== 200) throw new Error(`The bookings can't be listed: ${status} ${body}`);
      const page = JSON.parse(body) as Page<{ id: string }>;
      ids.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    return ids;
  }

  const named = await bookingsNamed(history.folder);
  for (const reader of readers) {
    const { client, token } = reader;
    const ids = new Set([...(await listed(reader)), ...(named.get(client) ?? [])]);
    await forEach([...ids], READERS, async (bookingId) => {
      const of = `/api/v1/bookings/${bookingId}`;
      const reads: [FinalRead, string][] = [
        ['bookings', of],
        ['payments', `${of}/payments`],
        ['events', `${of}/events`],
      ];
      for (const [what, target] of reads)
        history.finalRead(what, { client, bookingId, response: await get(target, token) });
    });
  }
  await forEach(flightIds, READERS, async (flightId) => {
    const response = await get(`/api/v1/flights/${flightId}/seats`);
    history.finalSeats({ flightId, response });
  });
}

async function readOnce(url: string, token?: string): Promise<Response> {
  const answer = await fetch(url, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(GIVES_UP_AFTER_MS),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return recordedResponse(answer.status, answer.headers, bytes);
}

/**
 * Reads again as long as there is no answer, or a 503, and says so. Returns the last answer.
 *
 * @throws what the last try failed with.
 */
async function insist(what: string, read: () => Promise<Response>): Promise<Response> {
  const until = performance.now() + INSISTS_FOR_MS;
  for (let tries = 1; ; tries += 1) {
    const isLast = performance.now() > until;
    try {
      const response = await read();
      if (response.status !== 503 || isLast) return response;
      if (tries === 1) console.log(`${what} is read again: 503`);
    } catch (error) {
      if (isLast) throw error;
      if (tries === 1) console.log(`${what} is read again: ${describeError(error)}`);
    }
    await sleep(PAUSE_MS);
  }
}

/** Every booking that an answer named to the one who asked for it, by client. */
async function bookingsNamed(folder: string): Promise<Map<number, Set<string>>> {
  const askedBy = new Map<string, number>();
  const named = new Map<number, Set<string>>();
  // A long run's history is longer than any string can be.
  const lines = createInterface({ input: createReadStream(path.join(folder, 'operations.jsonl')) });
  for await (const text of lines) {
    if (text === '') continue;
    const line = JSON.parse(text) as {
      id: string;
      client?: number;
      kind?: string;
      response?: { body: string };
    };
    if (line.client !== undefined && line.kind === 'book') askedBy.set(line.id, line.client);
    const client = askedBy.get(line.id);
    const body = line.response?.body ?? '';
    if (client === undefined || !body.startsWith('{')) continue;
    const { id, bookingId = id } = JSON.parse(body) as { id?: string; bookingId?: string };
    if (bookingId === undefined) continue;
    named.set(client, (named.get(client) ?? new Set()).add(bookingId));
  }
  return named;
}

interface IntentRow {
  id: string;
  key: string;
  bookingId: string | null;
  amount: number;
  currency: string;
  paymentMethod: string;
  status: ProviderPayment['status'];
  createdAt: Date;
  capturedAt: Date | null;
  refunds: { id: string; key: string; amount: number; createdAt: string }[];
}

const BOOKS = `
  SELECT i.id, idempotency_key AS key, booking_id AS "bookingId", amount, currency,
    payment_method AS "paymentMethod", status, created_at AS "createdAt",
    captured_at AS "capturedAt", (
      SELECT coalesce(json_agg(json_build_object('id', r.id, 'key', r.idempotency_key,
        'amount', r.amount, 'createdAt', r.created_at) ORDER BY r.created_at), '[]')
      FROM sandbox_provider.refunds r WHERE r.payment_intent_id = i.id) AS refunds
  FROM sandbox_provider.payment_intents i ORDER BY created_at, id`;

/** Asks the sandbox provider, as itself, for its own books. */
export async function readProvidersBooks(history: HistoryWriter, url: string): Promise<void> {
  const provider = new Client({ connectionString: url });
  await provider.connect();
  const { rows } = await provider.query<IntentRow>(BOOKS).finally(() => provider.end());
  history.providerBooks({
    provider: 'sandbox',
    payments: rows.map(({ createdAt, capturedAt, refunds, ...intent }) => ({
      ...intent,
      createdAt: createdAt.toISOString(),
      capturedAt: capturedAt?.toISOString() ?? null,
      refunds: refunds.map((refund) => ({
        ...refund,
        createdAt: new Date(refund.createdAt).toISOString(),
      })),
    })),
  });
}
