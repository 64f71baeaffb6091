import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream';

/**
 * Where the UI finds our codec server: a path, so that it is on the page's own origin, however the
 * page is addressed.
 */
export const CODEC_PATH = '/codec';

interface UiDoor {
  uiPort: number;
  apiPort: number;
  /** A script that runs on each page before the UI's own code. */
  script: string;
}

/**
 * One address for Temporal's UI and for our codec server, by which it reads what is encrypted. A
 * browser sends an operator's session to the origin of the page alone, unless the UI asks for more;
 * the dev server has no option to make it. Being on the UI's origin, it can also set what the UI
 * keeps in the browser.
 */
export async function openUiDoor(
  port: number,
  { uiPort, apiPort, script }: UiDoor,
): Promise<http.Server> {
  const door = http.createServer((req, res) => {
    const isForCodec = req.url?.startsWith(`${CODEC_PATH}/`) === true;
    passOn(req, res, isForCodec ? { port: apiPort } : { port: uiPort, script });
  });
  door.listen(port, '127.0.0.1');
  await once(door, 'listening');
  return door;
}

/** Hands a request on to another port of this machine, and its response back, as it comes. */
export function passOn(
  req: http.IncomingMessage,
  res: http.ServerResponse,
  { port, script }: { port: number; script?: string },
): void {
  const { method, url } = req;
  // A page that is changed on its way must come uncompressed.
  const isPage = script !== undefined && req.headers.accept?.includes('text/html') === true;
  const headers = isPage ? { ...req.headers, 'accept-encoding': 'identity' } : req.headers;
  const asked = http.request({ host: '127.0.0.1', port, method, path: url, headers });
  asked.on('response', (answer) => {
    if (isPage && isHtml(answer)) void passOnPage(answer, res, script);
    else {
      res.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      pipeline(answer, res, () => undefined);
    }
  });
  // The server behind is being started again.
  asked.on('error', () => {
    if (res.headersSent) res.destroy();
    else res.writeHead(502).end();
  });
  res.on('close', () => asked.destroy());
  pipeline(req, asked, () => undefined);
}

function isHtml({ headers }: http.IncomingMessage): boolean {
  return headers['content-type']?.startsWith('text/html') === true;
}

/**
 * Puts the script first in the page's head. A content security policy further down does not apply
 * to it. A page without a head is passed on as it is.
 */
async function passOnPage(
  answer: http.IncomingMessage,
  res: http.ServerResponse,
  script: string,
): Promise<void> {
  const page = await text(answer).catch(() => undefined);
  if (page === undefined) {
    res.destroy();
    return;
  }
  const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers;
  res.writeHead(answer.statusCode ?? 502, headers);
  res.end(page.replace('<head>', () => `<head><script>${script}</script>`));
}
