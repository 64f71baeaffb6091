import { once } from 'node:events';
import http from 'node:http';
import type { MailFolder } from './mail-folder';
import { listPage, mailPage } from './page';

/** What a page of the mailbox may do: show itself, and a mail in a frame. Mails run no script. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; img-src data:";

/** The mailbox's page, for whoever sits at this machine. */
export async function serveMailbox(port: number, folder: MailFolder): Promise<http.Server> {
  const server = http.createServer((req, res) => {
    answer(req, folder).then(
      ({ status = 200, headers = {}, body = '' }) => {
        res.writeHead(status, {
          'Content-Security-Policy': POLICY,
          'X-Content-Type-Options': 'nosniff',
          'Cache-Control': 'no-store',
          ...headers,
        });
        res.end(body);
      },
      () => res.writeHead(500).end(),
    );
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

interface Answer {
  status?: number;
  headers?: http.OutgoingHttpHeaders;
  body?: string | Uint8Array;
}

const NOT_FOUND: Answer = { status: 404, body: 'There is no such mail.' };
const HTML = { 'Content-Type': 'text/html; charset=utf-8' };
const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' };

async function answer(req: http.IncomingMessage, folder: MailFolder): Promise<Answer> {
  // Other sites can't read the mails by a name of theirs that leads here, nor empty the mailbox.
  if (!/^(localhost|127\.0\.0\.1)(:\d+)?$/.test(req.headers.host ?? '')) return { status: 421 };
  const [, path = '/'] = /^([^?]*)/.exec(req.url ?? '/') ?? [];
  if (req.method === 'POST') return path === '/empty' ? empty(req, folder) : NOT_FOUND;
  if (path === '/') return { headers: HTML, body: listPage(await folder.list()) };
  const [, id = '', part = '', index = ''] =
    /^\/mails\/([\w-]+)(?:\/(html|source|attachments\/(\d+)))?$/.exec(path) ?? [];
  const mail = await folder.read(id);
  if (mail === undefined) return NOT_FOUND;
  if (part === '') return { headers: HTML, body: mailPage(mail) };
  if (part === 'html') return { headers: HTML, body: mail.email.html ?? '' };
  if (part === 'source') return { headers: TEXT, body: folder.source(id) ?? '' };
  const attachment = mail.email.attachments[Number(index)];
  if (attachment === undefined) return NOT_FOUND;
  const name = encodeURIComponent(attachment.filename ?? 'unnamed');
  return {
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': `attachment; filename*=UTF-8''${name}`,
    },
    body: bytesOf(attachment.content),
  };
}

function empty(req: http.IncomingMessage, folder: MailFolder): Answer {
  const { origin, host } = req.headers;
  if (origin !== `http://${host ?? ''}`) return { status: 403 };
  folder.empty();
  return { status: 303, headers: { Location: '/' } };
}

function bytesOf(content: string | ArrayBuffer | Uint8Array): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content);
}
