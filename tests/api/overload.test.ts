import { randomUUID } from 'node:crypto';
import { Client, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { LEAST_LIMIT } from '../../src/api/admission/next-limit';
import { waitUntil } from '../../src/cli/wait';
import { connect, WAITS_OF_LOADS } from '../../src/db/connection';
import { bookingWorkflowId } from '../../src/temporal/contracts/booking';
import {
  openApi,
  openStorefront,
  type ApiUnderTest,
  type RunningApi,
  type Storefront,
} from '../support/api';
import { testDataConverter } from '../support/encryption';
import { NOT_NOW, openFaultyWayInto } from '../support/faulty-database';
import { beginRival } from '../support/rival';
import { expectRefused, newKey, type Client as ApiClient } from './client';
import { PATIENCE_MS } from '../support/patience';

/** More than there is capacity for: who is not served hears so at once, and loses nothing. */

async function metricOf({ anyone }: RunningApi, name: string, kind: string): Promise<number> {
  const { text } = await anyone.get('/metrics');
  return Number(new RegExp(`^${name}\\{kind="${kind}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
}

async function untilInFlight(api: RunningApi, kind: string, count: number): Promise<void> {
  await waitUntil(async () => (await metricOf(api, 'http_requests_in_flight', kind)) === count, {
    timeoutMs: 8_000,
    intervalMs: 20,
    onTimeout: () => new Error(`There were never ${count} of ${kind} in flight`),
  });
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const startedAt = performance.now();
  return { result: await work(), ms: performance.now() - startedAt };
}

/** Refusals and health answer within this time. */
const AT_ONCE_MS = 1_000;

describe('searches beyond number', () => {
  let backend: ApiUnderTest;
  beforeAll(async () => {
    backend = await openApi();
  });
  afterAll(() => backend.close());

  test('are refused past 64 at once, while health, metrics and bookings are answered', async () => {
    // These wait long enough for a test to look around.
    const searchDb = connect(backend.databaseUrl, {
      applicationName: 'search',
      maxConnections: 4,
      // They are to wait for as long as the others are looked at.
      waits: WAITS_OF_LOADS,
    });
    const api = await backend.startApi({ searchDb });
    const ada = await api.customer();
    const lock = await beginRival(backend.db);
    await lock.raw('LOCK TABLE public.airports IN ACCESS EXCLUSIVE MODE');
    const flood = Array.from({ length: 100 }, () => api.anyone.get('/api/v1/airports?q=new'));
    await untilInFlight(api, 'search', LEAST_LIMIT);
    for (const path of ['/livez', '/readyz', '/metrics', '/api/v1/info', '/api/v1/bookings/none']) {
      const { result, ms } = await timed(() => ada.get(path));
      expect({ path, status: result.status, isAtOnce: ms < AT_ONCE_MS }).toEqual({
        path,
        status: path.endsWith('none') ? 404 : 200,
        isAtOnce: true,
      });
    }
    await lock.rollback();
    const answers = await Promise.all(flood);
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused)
      expect(expectRefused(answer, 'service_unavailable').retry).toBe('same_key');
    expect(await metricOf(api, 'http_requests_refused_total', 'search')).toBe(refused.length);

    // They are few lines of the log, and no line each.
    const reports = () => api.log.filter(({ message }) => message.startsWith('Refused requests'));
    const reported = () =>
      reports().reduce((sum, { refused: of }) => sum + (of as { search: number }).search, 0);
    await waitUntil(() => reported() === refused.length, {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error(`The log told of ${String(reported())} refusals`),
    });
    expect(reports().length).toBeLessThan(10);
    await searchDb.destroy();
  });

  test('have connections of their own: without them bookings can still be read', async () => {
    const way = await openFaultyWayInto(backend);
    const api = await backend.startApi({ searchDb: way.faulty });
    const ada = await api.customer();
    const [sqlstate = ''] = Object.keys(NOT_NOW);
    await way.whileFailing(sqlstate, async () => {
      for (const path of ['/api/v1/airports?q=new', `/api/v1/flights/${randomUUID()}`])
        expectRefused(await ada.get(path), 'service_unavailable');
      expect((await ada.list()).status).toBe(200);
    });
    await way.faulty.destroy();
  });
});

describe('creates', () => {
  let store: Storefront;
  beforeAll(async () => {
    store = await openStorefront();
  });
  afterAll(() => store.close());

  const NOT_KNOWN = /^It is not known yet whether the booking was made/;

  function workflowOf(bookingId: string) {
    return store.env.client.workflow.getHandle(bookingWorkflowId(bookingId)).describe();
  }

  test('of 64 customers at once are all admitted; the next hears no at once, and leaves nothing', async () => {
    const queue = 'no-worker-yet-for-64';
    const api = await store.startApi({ taskQueue: queue });
    const flight = await store.flight({ seats: 72 });
    const create = (client: ApiClient, key: string) => client.create(flight, {}, key);
    const customers = await Promise.all(
      Array.from({ length: LEAST_LIMIT }, async () => ({
        client: await api.customer(),
        key: newKey(),
      })),
    );
    const [ada, key] = [await api.customer(), newKey()];
    const admitted = customers.map(({ client, key }) => create(client, key));
    await untilInFlight(api, 'create', LEAST_LIMIT);

    const { result: refused, ms } = await timed(() => create(ada, key));
    expect(ms).toBeLessThan(AT_ONCE_MS);
    const { bookingId = '' } = expectRefused(refused, 'service_unavailable');
    await expect(workflowOf(bookingId)).rejects.toThrow(WorkflowNotFoundError);
    // Who sends again what is under way is no further request.
    const [first] = customers;
    const again = create(first!.client, first!.key);

    await store.startWorker(queue);
    const answers = await Promise.all([...admitted, again]);
    for (const { status } of answers) expect([201, 202]).toContain(status);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(LEAST_LIMIT);
    const rows = () => store.db('bookings').where({ flight_id: flight.id, status: 'pending' });
    await waitUntil(async () => (await rows()).length === LEAST_LIMIT, {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error('Not all got their seats'),
    });
    const retried = await create(ada, key);
    expect([201, 202]).toContain(retried.status);
    expect(retried.body.id).toBe(bookingId);
  });

  /** An API on a queue that no worker polls, to whom Temporal tells of workflows only in time. */
  async function apiThatLooks(describe: () => boolean): Promise<ApiClient> {
    const client = new Client({
      connection: store.env.connection,
      dataConverter: testDataConverter,
      interceptors: {
        workflow: [
          {
            describe: (input, next) =>
              describe()
                ? next(input)
                : Promise.reject(new ServiceError('away', { cause: new Error('away') })),
          },
        ],
      },
    });
    const api = await store.startApi({ taskQueue: `nobody-${randomUUID()}`, client });
    return api.customer();
  }

  test('are accepted although Temporal is too slow to be asked once the wait is over', async () => {
    let sentAt = 0;
    const ada = await apiThatLooks(() => Date.now() - sentAt < 8_500);
    const flight = await store.flight();
    sentAt = Date.now();
    const accepted = await ada.create(flight, {}, newKey());
    expect(accepted).toMatchObject({ status: 202, body: { status: 'initiated' } });
  });

  test('that nobody can tell of are named, and said to be not known', async () => {
    const ada = await apiThatLooks(() => false);
    const flight = await store.flight();
    for (const key of [newKey(), undefined]) {
      const answer = await ada.create(flight, {}, key);
      const { bookingId = '', detail } = expectRefused(answer, 'service_unavailable');
      expect(detail).toMatch(NOT_KNOWN);
      expect((await workflowOf(bookingId)).status.name).toBe('RUNNING');
    }
  });
});
