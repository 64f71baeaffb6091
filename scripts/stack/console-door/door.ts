import { once } from 'node:events';
import http from 'node:http';
import { passOn } from '../ui-door';
import { answerLocally, LOCAL_PATH, type Controls } from './controls';
import { showDocs } from './docs-page';

/**
 * One address for the console and for what the local stack lets it do: a page may ask its own origin
 * alone. Everything but the stack's controls is the API's.
 */
export async function openConsoleDoor(
  port: number,
  { apiPort, controls }: { apiPort: number; controls: Controls },
): Promise<http.Server> {
  const answer = answerLocally(port, controls);
  const door = http.createServer((req, res) => {
    const { pathname } = new URL(req.url ?? '/', 'http://local');
    if (showDocs(pathname, res)) return;
    if (pathname.startsWith(LOCAL_PATH)) void answer(req, res);
    else if (pathname === '/') res.writeHead(302, { location: '/console/' }).end();
    else passOn(req, res, { port: apiPort });
  });
  door.listen(port, '127.0.0.1');
  await once(door, 'listening');
  return door;
}
