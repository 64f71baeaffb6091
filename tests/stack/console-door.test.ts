import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { openConsoleDoor } from '../../scripts/stack/console-door';
import { freePort } from '../../scripts/stack/ports';
import { listen } from '../support/api';

/** The local stack's own address of the console: what it can do, only a page of it can. */

let folder: string;
let port: number;
let api: Server;
let door: Server;
let worker: ChildProcess;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-console-door-'));
  api = createServer((req, res) => res.end(`api ${req.method ?? ''} ${req.url ?? ''}`));
  const apiPort = Number(new URL(await listen(api)).port);
  port = await freePort();
  door = await openConsoleDoor(port, {
    apiPort,
    workerPidFile: path.join(folder, 'worker.pid'),
    temporalUiUrl: 'http://127.0.0.1:8233',
    mintToken: ({ sub, scope }) => Promise.resolve(`${sub}/${scope}`),
  });
});
beforeEach(() => {
  worker = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  writeFileSync(path.join(folder, 'worker.pid'), String(worker.pid));
});
afterEach(() => worker.kill('SIGKILL'));
afterAll(() => {
  for (const server of [door, api]) server.close().closeAllConnections();
  rmSync(folder, { recursive: true });
});

type Headers = Record<string, string | undefined>;

/** Asks as a browser does: `fetch` doesn't let us say where we are from. */
async function ask(method: string, where: string, headers: Headers = {}, body = '') {
  const all: Headers = {
    host: `127.0.0.1:${port}`,
    'content-length': String(body.length),
    ...headers,
  };
  const given = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return new Promise<{ status: number | undefined; text: string; cors: unknown }>(
    (resolve, reject) => {
      const asked = request(
        { host: '127.0.0.1', port, method, path: where, headers: Object.fromEntries(given) },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          const cors = answer.headers['access-control-allow-origin'];
          answer.on('end', () => resolve({ status: answer.statusCode, text, cors }));
        },
      );
      asked.on('error', reject).end(body);
    },
  );
}

const ofThePage = () => ({
  origin: `http://127.0.0.1:${port}`,
  'sec-fetch-site': 'same-origin',
});

async function secretOfThePage(): Promise<string> {
  const { text } = await ask('GET', '/local/session', { 'sec-fetch-site': 'same-origin' });
  return (JSON.parse(text) as { secret: string }).secret;
}

test('a page of it learns the secret, and kills the worker with it', async () => {
  const headers = { ...ofThePage(), 'x-local-secret': await secretOfThePage() };
  const died = once(worker, 'exit');
  const answer = await ask('POST', '/local/kill-worker', headers);
  expect(answer).toMatchObject({ status: 202, text: JSON.stringify({ killed: worker.pid }) });
  expect(await died).toEqual([null, 'SIGKILL']);
});

test('a page of it signs someone in', async () => {
  const headers = { ...ofThePage(), 'x-local-secret': await secretOfThePage() };
  const whose = { sub: 'user-1', scope: 'operator' };
  const answer = await ask('POST', '/local/token', headers, JSON.stringify(whose));
  expect(answer).toMatchObject({ status: 201, text: '{"token":"user-1/operator"}' });
  for (const body of ['', '{', '{}', '{"sub":"a","scope":"all"}', '{"sub":"","scope":"operator"}'])
    expect((await ask('POST', '/local/token', headers, body)).status).toBe(400);
  expect((await ask('POST', '/local/token', headers, ' '.repeat(5_000))).status).toBe(413);
});

test.each<[string, Headers]>([
  ['of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['of another port', { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' }],
  ['of a file', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
  ['by a name that leads here', { host: 'evil.example', 'sec-fetch-site': 'same-origin' }],
  ['that is opened, not asked by a page', { 'sec-fetch-site': 'none' }],
  ['that says nothing of itself', {}],
])('a request %s gets no secret, and does nothing with it', async (_, headers) => {
  const secret = await secretOfThePage();
  const session = await ask('GET', '/local/session', headers);
  expect([403, 421]).toContain(session.status);
  expect(session.text).not.toContain(secret);
  expect(session.cors).toBeUndefined();
  for (const where of ['/local/kill-worker', '/local/token'])
    expect([403, 421]).toContain(
      (await ask('POST', where, { ...headers, 'x-local-secret': secret }, '{}')).status,
    );
  expect(worker.exitCode ?? worker.signalCode).toBeNull();
});

test('nothing is done without the secret, or with another one', async () => {
  for (const secret of [undefined, '', 'x', 'x'.repeat(43)]) {
    const headers = { ...ofThePage(), 'x-local-secret': secret };
    expect((await ask('POST', '/local/kill-worker', headers)).status).toBe(403);
  }
  const secret = await secretOfThePage();
  const withoutOrigin = { 'sec-fetch-site': 'same-origin', 'x-local-secret': secret };
  expect((await ask('POST', '/local/kill-worker', withoutOrigin)).status).toBe(403);
  const known = { ...ofThePage(), 'x-local-secret': secret };
  expect((await ask('GET', '/local/kill-worker', known)).status).toBe(404);
  expect(worker.exitCode ?? worker.signalCode).toBeNull();
});

test('everything else is the API', async () => {
  for (const where of ['/console', '/api/v1/info', '/locale'])
    expect(await ask('GET', where)).toMatchObject({ status: 200, text: `api GET ${where}` });
});
