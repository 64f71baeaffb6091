import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { freePort } from '../../scripts/stack/ports';
import { openUiDoor } from '../../scripts/stack/ui-door';
import { listen } from '../support/api';

/** The one address of Temporal's UI and the codec server, on the local stack. */

const servers: Server[] = [];
let address: string;
let api: Server;

/** A page as the UI sends it to a browser: compressed if that is accepted. */
const PAGE =
  '<!doctype html><html><head><meta charset="utf-8" /></head><body>Ünïcode</body></html>';

/** A server that says its name, and what it was sent. */
async function echo(name: string): Promise<{ server: Server; port: number }> {
  const server = createServer((req, res) => {
    let body = '';
    req.setEncoding('utf8').on('data', (text: string) => (body += text));
    req.on('end', () => {
      if (req.method === 'GET' && req.headers.accept?.startsWith('text/html') === true) {
        const isCompressed = req.headers['accept-encoding']?.includes('gzip') === true;
        const page = isCompressed ? gzipSync(PAGE) : Buffer.from(PAGE);
        res.writeHead(200, {
          'content-type': 'text/html; charset=utf-8',
          'content-length': page.length,
          'set-cookie': ['a=1', 'b=2'],
          ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
        });
        res.end(page);
        return;
      }
      const { method, url, headers } = req;
      res.writeHead(418, { 'set-cookie': ['a=1', 'b=2'] });
      res.end(JSON.stringify({ name, method, url, cookie: headers.cookie, body }));
    });
  });
  servers.push(server);
  return { server, port: Number(new URL(await listen(server)).port) };
}

beforeAll(async () => {
  const port = await freePort();
  const ui = await echo('ui');
  const behind = await echo('api');
  api = behind.server;
  servers.push(
    await openUiDoor(port, { uiPort: ui.port, apiPort: behind.port, script: 'setViews("$&")' }),
  );
  address = `http://127.0.0.1:${port}`;
});

afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

test.each([
  ['/', 'ui'],
  ['/namespaces/default/workflows?query=x', 'ui'],
  ['/codecs', 'ui'],
  ['/codec/decode?preserveStorageRefs=true', 'api'],
])('%s is passed on to the %s as it is, and so is the answer', async (url, name) => {
  const request = { method: 'POST', body: '{"payloads":[]}', headers: { cookie: 'session=1' } };
  const answer = await fetch(address + url, request);
  expect(answer.status).toBe(418);
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  const { method, body } = request;
  expect(await answer.json()).toEqual({ name, method, url, cookie: 'session=1', body });
});

test('a page of the UI runs our script before anything of its own, and is otherwise as it was', async () => {
  const headers = { accept: 'text/html,application/xhtml+xml', 'accept-encoding': 'gzip, br' };
  const answer = await fetch(`${address}/namespaces/default/workflows`, { headers });
  expect(answer.status).toBe(200);
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  const script = '<script>setViews("$&")</script>';
  expect(await answer.text()).toBe(PAGE.replace('<head>', () => `<head>${script}`));
});

test('a page of the API is not changed', async () => {
  const answer = await fetch(`${address}/codec/session`, { headers: { accept: 'text/html' } });
  expect(await answer.text()).toBe(PAGE);
});

test('while a part is away, its requests get 502, and those of the other part are passed on', async () => {
  api.close().closeAllConnections();
  await once(api, 'close');
  expect((await fetch(`${address}/codec/decode`)).status).toBe(502);
  expect((await fetch(address)).status).toBe(418);
});
