import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PROBED } from './history/format';
import type { HistoryWriter } from './history/write';
import type { RecordedClient, Reply } from './recorded-client';

type Endpoint = (typeof PROBED)[number];

/** What is only read is asked for four times a second. */
const READS_EVERY_MS = 250;
/** A sale takes seats: one a second. */
const SALES_EVERY_MS = 1_000;

/** A person waits so long, and then counts it as not there. */
const READ_TIMEOUT_MS = 2_000;
const SALE_TIMEOUT_MS = 5_000;

/** What is probed by itself, on flights that nobody else asks for. */
interface Probed {
  url: string;
  searchPath: string;
  /** The flight that a sale, counted from 0, is on. */
  flightOf(sale: number): string;
}

/** Asks all the time whether the system is there, and notes it, until told to stop. */
export async function probe(
  history: HistoryWriter,
  client: RecordedClient,
  { url, searchPath, flightOf, isOpen }: Probed & { isOpen: () => boolean },
): Promise<void> {
  async function ask(
    endpoint: Endpoint,
    send: () => Promise<{ status: number } | undefined>,
  ): Promise<void> {
    const beganAt = history.now();
    const answer = await send().catch(() => undefined);
    const status = answer?.status ?? null;
    const isOk = status !== null && status < 500;
    history.probe({ endpoint, ok: isOk, status, milliseconds: history.now() - beganAt });
  }

  async function repeat(everyMs: number, once: (count: number) => Promise<void>): Promise<void> {
    for (let count = 0; isOpen(); count += 1) {
      const next = sleep(everyMs);
      await once(count);
      await next;
    }
  }

  const read = (endpoint: Endpoint, path: string) =>
    repeat(READS_EVERY_MS, () =>
      ask(endpoint, async () => {
        const answer = await fetch(url + path, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) });
        await answer.arrayBuffer();
        return answer;
      }),
    );

  const sell = (count: number) => async (): Promise<void> => {
    let held: Reply<{ id: string; price: { amount: number; currency: string } }> | undefined;
    await ask('create', async () => {
      held = await client.send(
        {
          kind: 'book',
          method: 'POST',
          path: '/api/v1/bookings',
          key: `probe-${randomUUID()}`,
          body: {
            flightId: flightOf(count),
            passengers: [{ givenName: 'Ada', familyName: 'Lovelace' }],
          },
        },
        SALE_TIMEOUT_MS,
      );
      return held;
    });
    if (held?.status !== 201) return;
    const { id: bookingId, price } = held.body;
    await ask('pay', () =>
      client.send(
        {
          kind: 'pay',
          method: 'POST',
          path: '/api/v1/bookings/payments',
          key: `probe-${randomUUID()}`,
          body: {
            bookingId,
            paymentMethod: 'pm_card_visa',
            amount: price.amount,
            currency: price.currency,
          },
        },
        SALE_TIMEOUT_MS,
      ),
    );
  };

  await Promise.all([
    read('livez', '/livez'),
    read('search', searchPath),
    repeat(SALES_EVERY_MS, (count) => sell(count)()),
  ]);
}
