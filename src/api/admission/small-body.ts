import type { IncomingMessage } from 'node:http';

/** Longer than any request to pay that our examples or clients send. */
const MAX_BYTES = 4_096;

/** A body that fits into the packet of its headers is there at once; no other is waited for. */
const WAIT_MS = 250;

/**
 * Reads the body of a request that is refused. Returns undefined for one that is large, of unknown
 * length, or not there in time.
 */
export async function readSmallBody(req: IncomingMessage): Promise<string | undefined> {
  const length = Number(req.headers['content-length'] ?? Infinity);
  if (!(length <= MAX_BYTES)) return undefined;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const finish = (body?: string) => {
      clearTimeout(timer);
      req.off('data', collect);
      resolve(body);
    };
    const collect = (chunk: Buffer) => chunks.push(chunk);
    const timer = setTimeout(finish, WAIT_MS);
    req.on('data', collect);
    req.once('end', () => {
      finish(Buffer.concat(chunks).toString());
    });
    req.once('close', () => {
      finish();
    });
  });
}
