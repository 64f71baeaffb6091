import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { openMailbox, planMailbox, type MailboxPorts } from '../../scripts/stack/mailbox/mailbox';
import { freePort } from '../../scripts/stack/ports';
import { readSettings } from '../../scripts/stack/settings';
import { compose } from '../../src/notifications/mail/compose';
import { messageIdOf } from '../../src/notifications/mail/message-id';
import { openMailServer } from '../../src/notifications/mail/smtp';
import { SAMPLES, SENDER } from '../support/mail-samples';

/** The mailbox of the local stack: it takes every mail, and shows it on a page. */

let dataDir: string;
let ports: MailboxPorts;
let url: string;
let closeMailbox: () => Promise<void>;

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-mailbox-'));
  ports = { smtp: await freePort(), page: await freePort(), isPageFixed: true };
  closeMailbox = await openMailbox(ports, dataDir);
  url = `http://127.0.0.1:${String(ports.page)}`;
});

afterAll(async () => {
  await closeMailbox();
  rmSync(dataDir, { recursive: true, force: true });
});

async function send(to: string, subject?: string): Promise<void> {
  const server = openMailServer(
    { host: '127.0.0.1', port: ports.smtp, isSecure: false, requiresTls: false, login: null },
    SENDER,
  );
  const mail = compose(SAMPLES.booked, SENDER);
  const messageId = messageIdOf('7c1d8f5e-0000-4000-8000-000000000001', SENDER);
  const result = await server.send({ ...mail, subject: subject ?? mail.subject, to, messageId });
  server.close();
  expect(result).toEqual({ outcome: 'accepted' });
}

const read = async (where: string) => (await fetch(`${url}${where}`)).text();

/** The address of the latest mail's page. */
async function latest(): Promise<string> {
  const [, page = ''] = /href="(\/mails\/[^"]+)"/.exec(await read('/')) ?? [];
  return page;
}

test('a mail is in the list, and can be read as HTML, as text and with its calendar file', async () => {
  await send('ada@example.com');
  expect(await read('/')).toContain('ada@example.com');
  const page = await latest();
  expect(await read(page)).toContain('Your booking is confirmed');
  expect(await read(`${page}/html`)).toContain('<!doctype html>');
  expect(await read(`${page}/source`)).toContain('Content-Type: multipart/mixed');
  expect(await read(`${page}/attachments/0`)).toContain('BEGIN:VCALENDAR');
});

test('a mail that was written to do harm is shown, and does nothing', async () => {
  await send('ada@example.com', '<script>alert(1)</script>');
  for (const where of ['/', await latest()]) {
    const answer = await fetch(`${url}${where}`);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await answer.text()).not.toContain('<script>');
  }
});

test('nobody but this machine reads it, also not by a name that leads here', async () => {
  const status = await new Promise<string>((resolve, reject) => {
    const socket = net.connect(ports.page, '127.0.0.1', () => {
      socket.write('GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    });
    let text = '';
    socket.on('data', (part) => (text += part.toString()));
    socket.on('end', () => {
      resolve(text.split('\r\n')[0] ?? '');
    });
    socket.on('error', reject);
  });
  expect(status).toContain('421');
});

test.each(['/mails/unknown', '/mails/..%2f..%2fetc', '/etc/passwd', '/mails/1/html/x'])(
  '%s leads nowhere',
  async (where) => {
    expect((await fetch(`${url}${where}`)).status).toBe(404);
  },
);

test('it is emptied by its own page alone', async () => {
  await send('charles@example.com');
  const post = (origin: string) =>
    fetch(`${url}/empty`, { method: 'POST', headers: { origin }, redirect: 'manual' });
  expect((await post('http://evil.example')).status).toBe(403);
  expect(await read('/')).toContain('charles@example.com');
  expect((await post(url)).status).toBe(303);
  expect(await read('/')).toContain('No mail so far');
});

test('mails outlive a restart', async () => {
  await send('ada@example.com');
  await closeMailbox();
  closeMailbox = await openMailbox(ports, dataDir);
  expect(await read('/')).toContain('ada@example.com');
});

test('a port that was asked for is its page’s; another mail server needs no mailbox', async () => {
  const asked = await freePort();
  const settings = readSettings({ MAILBOX_PORT: String(asked) });
  expect(settings.ports).toContainEqual(
    expect.objectContaining({ variable: 'MAILBOX_PORT', port: asked }),
  );
  expect(await planMailbox(settings)).toMatchObject({ page: asked, isPageFixed: true });
  expect(await planMailbox(readSettings({ SMTP_URL: 'smtp://mail.example' }))).toBeUndefined();
});

test.each([
  ['any other will do for a page whose port another program has taken meanwhile', false],
  ['but not for one that was asked for', true],
])('%s', async (_, isPageFixed) => {
  const program = net.createServer().listen(0, '127.0.0.1');
  await once(program, 'listening');
  const { port: taken } = program.address() as net.AddressInfo;
  const own = { smtp: await freePort(), page: taken, isPageFixed };
  const opening = openMailbox(own, mkdtempSync(path.join(dataDir, 'own-')));
  if (isPageFixed) await expect(opening).rejects.toMatchObject({ code: 'EADDRINUSE' });
  else {
    const close = await opening;
    expect((await fetch(`http://127.0.0.1:${String(own.page)}/`)).status).toBe(200);
    await close();
  }
  program.close();
});
