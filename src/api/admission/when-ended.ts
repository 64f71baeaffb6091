import type { ServerResponse } from 'node:http';

/**
 * Time, in milliseconds, after which work is taken to have ended: several times as long as any
 * request may take. Something that never ends must not count for ever.
 */
const GIVEN_UP_MS = 60_000;

/**
 * Calls `then` once, when the work for a response has ended: its handler has ended the response.
 *
 * Node has no event for that once the client has gone. Neither `finish` nor `close` will do: the
 * handler goes on, for instance waiting for a workflow. A file that is sent ends with its
 * connection instead (`isOverOnClose`).
 */
export function whenEnded(
  res: ServerResponse,
  { isOverOnClose }: { isOverOnClose: boolean },
  then: () => void,
): void {
  let hasEnded = false;
  const finish = () => {
    if (hasEnded) return;
    hasEnded = true;
    clearTimeout(givenUp);
    then();
  };
  const givenUp = setTimeout(finish, GIVEN_UP_MS).unref();
  if (isOverOnClose) res.once('close', finish);
  const end = res.end.bind(res) as (...args: unknown[]) => typeof res;
  res.end = (...args: unknown[]) => {
    finish();
    return end(...args);
  };
}
