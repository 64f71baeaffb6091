import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { readFinals } from './final-reads';
import { writeHistory } from './history/write';

/** Hours of a run are not lost to one read that fails at its end. */

const BOOKING = '0199d3c6-0000-7000-8000-000000000001';
const FLIGHT = '0199d3c6-0000-7000-8000-000000000002';

const folder = mkdtempSync(path.join(os.tmpdir(), 'final-reads-'));
const history = writeHistory(folder);
afterAll(() => {
  history.close();
  rmSync(folder, { recursive: true });
});

/** Hangs up on the first request for a path, refuses the second, and answers the third. */
const seen = new Map<string, number>();
const server = createServer(({ url = '', socket }, res) => {
  const count = (seen.get(url) ?? 0) + 1;
  seen.set(url, count);
  if (count === 1) return socket.destroy();
  if (count === 2) return res.writeHead(503).end();
  const isList = url.startsWith('/api/v1/bookings?');
  return res.end(JSON.stringify(isList ? { data: [{ id: BOOKING }], nextCursor: null } : { url }));
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

test('what fails by itself is read again, and nothing is recorded of the failure', async () => {
  jest.spyOn(console, 'log').mockImplementation();
  history.operation({
    ...({ event: 'sent', id: 'o1', client: 1, kind: 'get', attempt: 1 } as const),
    request: { method: 'GET', path: '/', body: null },
  });
  await readFinals(history, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    readers: [{ client: 1, token: 'token' }],
    flightIds: [FLIGHT],
  });

  for (const [file, target] of [
    ['bookings', `/api/v1/bookings/${BOOKING}`],
    ['payments', `/api/v1/bookings/${BOOKING}/payments`],
    ['events', `/api/v1/bookings/${BOOKING}/events`],
    ['seats', `/api/v1/flights/${FLIGHT}/seats`],
  ] as const) {
    const lines = readFileSync(path.join(folder, 'final', `${file}.jsonl`), 'utf8').trim();
    const { response } = JSON.parse(lines) as { response: object };
    expect(response).toMatchObject({ status: 200, body: JSON.stringify({ url: target }) });
  }
});
