import { setTimeout as wait } from 'node:timers/promises';
import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { signMessage } from '../../src/notifications/webhooks/message';
import { createWebhookSender } from '../../src/notifications/webhooks/send';
import { openNameServer } from '../support/name-server';
import { openReceiver, verify, type Receiver } from '../support/webhook-receiver';

/** Whatever a receiver does or is, sending to it ends in time and reaches nobody else. */

const SECRET = `whsec_${Buffer.alloc(32, 's').toString('base64')}`;
const TIMEOUT_MS = 500;
/** For what may have to be found out first. */
const UNREACHABLE_MS = 2_000;

const MESSAGE = {
  id: 'b9a4b3de-0b0c-4f8c-8f7f-0a4f7b8b1a11',
  type: 'ping',
  createdAt: '2026-11-26T10:00:00.000Z',
  sequence: null,
  data: { booking: null },
};
const signed = (secrets = [SECRET]) => signMessage(MESSAGE, secrets, new Date());

const send = createWebhookSender({ allowPrivate: true });
/** Gives up soon: where no response comes. */
const hasty = createWebhookSender({ allowPrivate: true, timeoutMs: TIMEOUT_MS });

const receivers: Receiver[] = [];
async function receiver(...answering: Parameters<typeof openReceiver>): Promise<Receiver> {
  const opened = await openReceiver(...answering);
  receivers.push(opened);
  return opened;
}
afterAll(() => Promise.all(receivers.map((one) => one.close())));

/** A receiver that may say what no HTTP server would. Returns its URL. */
async function rawReceiver(serve: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** How long something took, beside its result. */
async function timed<T>(work: Promise<T>): Promise<{ result: T; ms: number }> {
  const startedMs = performance.now();
  const result = await work;
  return { result, ms: performance.now() - startedMs };
}

/** The same of a hasty sender: how much later it ends than a timer that was set to its time limit. */
async function timedOut<T>(work: Promise<T>): Promise<{ result: T; lateMs: number }> {
  const limit = timed(wait(TIMEOUT_MS));
  const { result, ms } = await timed(work);
  return { result, lateMs: ms - (await limit).ms };
}

describe('a message', () => {
  test('is signed so that the scheme’s own library verifies it', async () => {
    const shop = await receiver();
    expect(await send(shop.url, signed())).toEqual({ status: 'succeeded', responseStatus: 204 });
    const [received] = shop.received;
    verify(received!, SECRET);
    expect(received!.event).toEqual(MESSAGE);
    expect(received!.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': MESSAGE.id,
    });
  });

  test('is signed with both secrets while one is replaced: a receiver may know either', async () => {
    const shop = await receiver();
    const next = `whsec_${Buffer.alloc(32, 'n').toString('base64')}`;
    await send(shop.url, signed([next, SECRET]));
    for (const secret of [next, SECRET]) verify(shop.received[0]!, secret);
    const other = `whsec_${Buffer.alloc(32, 'o').toString('base64')}`;
    expect(() => verify(shop.received[0]!, other)).toThrow();
  });
});

describe('an attempt fails', () => {
  test.each([400, 404, 410, 429, 500, 503])('on a response of %i', async (status) => {
    const shop = await receiver((_req, res) => {
      res.writeHead(status).end('no');
    });
    expect(await send(shop.url, signed())).toEqual({
      status: 'failed',
      error: 'http_status',
      responseStatus: status,
    });
  });

  test.each([301, 302, 303, 307, 308])(
    'on a redirect with %i, and nothing is sent to where it leads',
    async (status) => {
      const elsewhere = await receiver();
      const shop = await receiver((_req, res) => {
        res.writeHead(status, { location: elsewhere.url }).end();
      });
      expect(await send(shop.url, signed())).toEqual({
        status: 'failed',
        error: 'redirect',
        responseStatus: status,
      });
      expect(elsewhere.received).toEqual([]);
    },
  );

  test('when nothing listens there', async () => {
    const gone = await receiver();
    await gone.close();
    expect(await send(gone.url, signed())).toMatchObject({ error: 'connection_failed' });
  });

  test('when no answer comes in time', async () => {
    const shop = await receiver(() => undefined);
    const { result, lateMs } = await timedOut(hasty(shop.url, signed()));
    expect(result).toEqual({ status: 'failed', error: 'timeout', responseStatus: null });
    expect(lateMs).toBeLessThan(1_000);
  });

  test('when the status itself never ends', async () => {
    const url = await rawReceiver((socket) => {
      const timer = setInterval(() => socket.write('X'), 10);
      socket.on('close', () => clearInterval(timer));
      socket.write('HTTP/1.1 200 ');
    });
    const { result, lateMs } = await timedOut(hasty(url, signed()));
    expect(result).toMatchObject({ status: 'failed', responseStatus: null });
    expect(lateMs).toBeLessThan(1_000);
  });

  test.each([
    ['as asked', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'],
    ['without a protocol', ''],
  ])('on a change to another protocol, %s: it is a status as any other', async (_how, headers) => {
    let close: () => void;
    const closed = new Promise<void>((resolve) => (close = resolve));
    const url = await rawReceiver((socket) => {
      socket.on('close', () => {
        close();
      });
      socket.once('data', () => socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers}\r\n`));
    });
    const { result, ms } = await timed(send(url, signed()));
    expect(result).toEqual({ status: 'failed', error: 'http_status', responseStatus: 101 });
    expect(ms).toBeLessThan(TIMEOUT_MS);
    await closed;
  });

  test.each([100, 102, 103])('when nothing comes after %i, again and again', async (status) => {
    const url = await rawReceiver((socket) => {
      const timer = setInterval(() => socket.write(`HTTP/1.1 ${status} Wait\r\n\r\n`), 10);
      socket.on('close', () => clearInterval(timer));
    });
    const { result, lateMs } = await timedOut(hasty(url, signed()));
    expect(result).toEqual({ status: 'failed', error: 'timeout', responseStatus: null });
    expect(lateMs).toBeLessThan(1_000);
  });

  test.each([
    ['without a word', ''],
    ['in the middle of the status', 'HTTP/1.1 20'],
    ['after a status for now', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
    ['after what is no HTTP', 'SSH-2.0-OpenSSH_9.7\r\n'],
  ])('when the connection is closed %s', async (_when, text) => {
    const url = await rawReceiver((socket) => socket.once('data', () => socket.end(text)));
    const { result, ms } = await timed(send(url, signed()));
    expect(result).toMatchObject({ error: 'connection_failed', responseStatus: null });
    expect(ms).toBeLessThan(TIMEOUT_MS);
  });
});

describe('an answer', () => {
  /** Has one be sent, and the connection closed. */
  async function outcomeOf(answer: Uint8Array | string) {
    const url = await rawReceiver((socket) => socket.once('data', () => socket.end(answer)));
    return hasty(url, signed());
  }

  test.each(['000', '007', '099', '20', '2000', '-20', '2e2', '２００'])(
    'whose status is %s, which HTTP does not have, is none',
    async (status) => {
      expect(await outcomeOf(`HTTP/1.1 ${status} OK\r\nContent-Length: 0\r\n\r\n`)).toEqual({
        status: 'failed',
        error: 'connection_failed',
        responseStatus: null,
      });
    },
  );

  test('of any bytes has an outcome that can be recorded', async () => {
    const anyBytes = fc.uint8Array({ maxLength: 2_000, size: 'max' });
    const digits = fc.integer({ min: 0, max: 999 }).map((code) => String(code).padStart(3, '0'));
    const status = fc.oneof(digits, fc.string({ maxLength: 5 }));
    await fc.assert(
      fc.asyncProperty(status, anyBytes, anyBytes, async (code, reason, rest) => {
        const parts = [`HTTP/1.1 ${code} `, reason, '\r\n\r\n', rest].map((part) =>
          Buffer.from(part),
        );
        const { responseStatus } = await outcomeOf(Buffer.concat(parts));
        // What the column `response_status` takes.
        expect(responseStatus ?? 100).toBeGreaterThanOrEqual(100);
        expect(responseStatus ?? 999).toBeLessThanOrEqual(999);
      }),
    );
  });
});

describe('a response with the right status is enough', () => {
  test('although its body never ends', async () => {
    const shop = await receiver((_req, res) => {
      res.writeHead(200).write('x');
    });
    const { result, ms } = await timed(send(shop.url, signed()));
    expect(result).toEqual({ status: 'succeeded', responseStatus: 200 });
    expect(ms).toBeLessThan(2_500);
  });

  test('although what follows it is no HTTP', async () => {
    const url = await rawReceiver((socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk'),
      ),
    );
    const { result, ms } = await timed(send(url, signed()));
    expect(result).toEqual({ status: 'succeeded', responseStatus: 200 });
    expect(ms).toBeLessThan(2_500);
  });

  test('although a used connection is cut after it: nothing is sent twice', async () => {
    let requests = 0;
    const url = await rawReceiver((socket) =>
      socket.on('data', (chunk) => {
        if (!chunk.includes('POST ')) return;
        requests += 1;
        if (requests === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        else
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', () =>
            setTimeout(() => socket.resetAndDestroy(), 50),
          );
      }),
    );
    expect(await send(url, signed())).toMatchObject({ responseStatus: 200 });
    expect(await send(url, signed())).toMatchObject({ responseStatus: 200 });
    expect(requests).toBe(2);
  });

  test('although its body is of gigabytes: a kilobyte is read, and the rest refused', async () => {
    const CHUNK = Buffer.alloc(64 * 1024);
    let done: (sentBytes: number) => void;
    const sentBytes = new Promise<number>((resolve) => (done = resolve));
    const shop = await receiver((_req, res) => {
      let bytes = 0;
      const goOn = () => {
        while (!res.closed && res.write(CHUNK)) bytes += CHUNK.length;
      };
      res.writeHead(200).on('drain', goOn);
      res.once('close', () => done(bytes));
      goOn();
    });
    const { result, ms } = await timed(send(shop.url, signed()));
    expect(result).toEqual({ status: 'succeeded', responseStatus: 200 });
    expect(ms).toBeLessThan(TIMEOUT_MS);
    // No more than what is on its way between two sockets.
    expect(await sentBytes).toBeLessThan(32 * 1024 * 1024);
  });

  test('and the connection is used again after a short one', async () => {
    const ports = new Set<number | undefined>();
    const shop = await receiver((req, res) => {
      ports.add(req.socket.remotePort);
      res.writeHead(200).end('ok');
    });
    for (let count = 0; count < 3; count += 1) await send(shop.url, signed());
    expect(ports.size).toBe(1);
  });
});

describe('where private addresses are not allowed', () => {
  const strict = createWebhookSender({ allowPrivate: false });

  test.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '0x7f.0.0.1',
    '0.0.0.0',
    '127.0.0.1.',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:7f00:0001]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    'localhost',
    'LOCALHOST',
    'shop.localhost',
    '１２７.0.0.1',
    '①②⑦.0.0.1',
  ])('nothing connects to %s', async (host) => {
    const shop = await receiver();
    const outcome = await strict(`http://${host}:${shop.port}/hooks`, signed());
    expect(outcome).toMatchObject({ error: 'address_not_allowed' });
    expect(shop.received).toEqual([]);
  });

  test.each([
    '10.0.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.0.1',
    '198.18.0.1',
    '[fd00::1]',
    '[fe80::1]',
    '[fec0::1]',
  ])('nor to %s', async (host) => {
    const { result, ms } = await timed(strict(`http://${host}/`, signed()));
    expect(result).toMatchObject({ error: 'address_not_allowed' });
    expect(ms).toBeLessThan(TIMEOUT_MS);
  });

  /** Has the sender ask a name server of the test. */
  async function withNames(
    turns: Record<string, string[][]>,
    work: (sendTo: typeof send, asked: string[]) => Promise<void>,
  ): Promise<void> {
    const names = await openNameServer(turns);
    const nameServers = [names.address];
    await work(
      createWebhookSender({ allowPrivate: false, timeoutMs: UNREACHABLE_MS, nameServers }),
      names.asked,
    ).finally(names.close);
  }

  test('a name that leads to a private address is as good as the address', async () => {
    const shop = await receiver();
    await withNames({ 'shop.example': [['127.0.0.1']] }, async (sendTo) => {
      const outcome = await sendTo(`http://shop.example:${shop.port}/hooks`, signed());
      expect(outcome).toMatchObject({ error: 'address_not_allowed' });
    });
    expect(shop.received).toEqual([]);
  });

  test('so is an IPv6 address behind a name', async () => {
    await withNames({ 'shop.example': [['::ffff:127.0.0.1', 'fd00::1']] }, async (sendTo) => {
      const outcome = await sendTo('http://shop.example/hooks', signed());
      expect(outcome).toMatchObject({ error: 'address_not_allowed' });
    });
  });

  test('a name is looked up once: what it leads to afterwards is never connected to', async () => {
    const shop = await receiver();
    // Public when it is checked, and ours when it is asked for again.
    const turns = { 'shop.example': [['192.0.1.1'], ['127.0.0.1']] };
    await withNames(turns, async (sendTo, asked) => {
      const outcome = await sendTo(`http://shop.example:${shop.port}/hooks`, signed());
      expect(outcome.status).toBe('failed');
      expect(asked.filter((one) => one === 'A shop.example')).toHaveLength(1);
      const again = await sendTo(`http://shop.example:${shop.port}/hooks`, signed());
      expect(again).toMatchObject({ error: 'address_not_allowed' });
    });
    expect(shop.received).toEqual([]);
  });

  test('of a name with both kinds of address only the public one is tried', async () => {
    const shop = await receiver();
    const turns = { 'shop.example': [['127.0.0.1', '192.0.1.1']] };
    await withNames(turns, async (sendTo) => {
      const outcome = await sendTo(`http://shop.example:${shop.port}/hooks`, signed());
      expect(outcome.status).toBe('failed');
    });
    expect(shop.received).toEqual([]);
  });

  test('a name that nobody knows is told apart', async () => {
    await withNames({}, async (sendTo) => {
      expect(await sendTo('http://nobody.example/', signed())).toMatchObject({
        error: 'host_not_found',
      });
    });
  });
});

test('one whose name server keeps silent delays nobody else', async () => {
  const silent = createSocket('udp4').unref();
  await new Promise<void>((resolve) => {
    silent.bind(0, '127.0.0.1', resolve);
  });
  const mute = createWebhookSender({
    allowPrivate: true,
    timeoutMs: UNREACHABLE_MS,
    nameServers: [`127.0.0.1:${silent.address().port}`],
  });
  const shop = await receiver();
  const stuck = Array.from({ length: 20 }, () => mute('http://slow.example/', signed()));
  let ended = 0;
  for (const one of stuck) void one.then(() => (ended += 1));
  const { result, ms } = await timed(send(shop.url, signed()));
  expect(result).toMatchObject({ status: 'succeeded' });
  expect(ms).toBeLessThan(TIMEOUT_MS);
  // All are being looked up: by the operating system each would hold a thread.
  expect(ended).toBe(0);
  expect(process.getActiveResourcesInfo()).not.toContain('GetAddrInfoReqWrap');
  for (const outcome of await Promise.all(stuck))
    expect(outcome).toMatchObject({ error: 'timeout' });
  silent.close();
});
