import { once } from 'node:events';
import http from 'node:http';
import { pipeline } from 'node:stream';

/**
 * Where the UI finds our codec server: a path, so that it is on the page's own origin, however the
 * page is addressed.
 */
export const CODEC_PATH = '/codec';

/**
 * One address for Temporal's UI and for our codec server, by which it reads what is encrypted. A
 * browser sends an operator's session to the origin of the page alone, unless the UI asks for more;
 * the dev server has no option to make it.
 */
export async function openUiDoor(
  port: number,
  { uiPort, apiPort }: { uiPort: number; apiPort: number },
): Promise<http.Server> {
  const door = http.createServer((req, res) => {
    const isForCodec = req.url?.startsWith(`${CODEC_PATH}/`) === true;
    passOn(req, res, isForCodec ? apiPort : uiPort);
  });
  door.listen(port, '127.0.0.1');
  await once(door, 'listening');
  return door;
}

function passOn(req: http.IncomingMessage, res: http.ServerResponse, port: number): void {
  const { method, url, headers } = req;
  const asked = http.request({ host: '127.0.0.1', port, method, path: url, headers });
  asked.on('response', (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    pipeline(answer, res, () => undefined);
  });
  // Whoever it is for is being started again.
  asked.on('error', () => {
    if (res.headersSent) res.destroy();
    else res.writeHead(502).end();
  });
  res.on('close', () => asked.destroy());
  pipeline(req, asked, () => undefined);
}
