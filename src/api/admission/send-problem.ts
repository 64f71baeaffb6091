import type { IncomingMessage, ServerResponse } from 'node:http';
import { problemDocument, PROBLEMS, type Problem } from '../problem';
import { newRequestId } from '../request-context';

/**
 * Sends a problem without Express, whose work per request would be half of what a refusal costs.
 * Does nothing when a response has been sent.
 */
export function sendPlainProblem(
  req: IncomingMessage,
  res: ServerResponse,
  { path, problem }: { path: string; problem: Problem },
): void {
  if (res.headersSent) return;
  const { code, detail, more } = problem;
  const requestId = String(res.getHeader('X-Request-Id') ?? newRequestId(req));
  const body = JSON.stringify(
    problemDocument(code, detail, {
      instance: path,
      requestId,
      ...(more.bookingId === undefined ? {} : { bookingId: more.bookingId }),
    }),
  );
  res.writeHead(PROBLEMS[code], {
    'X-Request-Id': requestId,
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(more.retryAfterSeconds === undefined
      ? {}
      : { 'Retry-After': String(more.retryAfterSeconds) }),
  });
  res.end(body);
}
