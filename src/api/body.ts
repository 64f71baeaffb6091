import { isUtf8 } from 'node:buffer';
import express, { type NextFunction, type RequestHandler, type Response } from 'express';
import { Problem } from './problem';

/** Requests of clients are small. */
const MAX_BODY = '100kb';

function hasBody(contentLength: string | undefined, transferEncoding: string | undefined): boolean {
  return transferEncoding !== undefined || (contentLength !== undefined && contentLength !== '0');
}

/**
 * Accepts UTF-8 only, as RFC 8259 requires of JSON. Invalid bytes would be replaced, and a wrong
 * name stored. A byte order mark at the start is ignored, as the RFC allows.
 *
 * @throws Problem `unsupported_media_type` for another charset, `malformed_json` for other bytes.
 */
function requireUtf8(_req: unknown, _res: unknown, body: Buffer, charset: string): void {
  if (charset !== 'utf-8')
    throw new Problem('unsupported_media_type', 'The body must be JSON in UTF-8.');
  if (!isUtf8(body)) throw new Problem('malformed_json', 'The body is not valid UTF-8.');
}

/** Reads a JSON body up to `limit`. Any other content type is refused before it is read. */
export function jsonBodyUpTo(limit: string): RequestHandler {
  const parseJson = express.json({ limit, type: 'application/json', verify: requireUtf8 });
  return (req, res, next) => {
    if (!hasBody(req.get('content-length'), req.get('transfer-encoding'))) {
      next();
      return;
    }
    if (req.is('application/json') === false) {
      throw new Problem('unsupported_media_type', 'Send application/json.');
    }
    parseJson(req, res, unlessAnswered(res, next));
  };
}

export const jsonBody = jsonBodyUpTo(MAX_BODY);

const readBytes = express.raw({ limit: MAX_BODY, type: () => true });

/**
 * Reads a body of at most 100 kB byte by byte, without parsing it: its signature must be checked
 * first.
 */
export const rawBody: RequestHandler = (req, res, next) => {
  const goOn = unlessAnswered(res, next);
  readBytes(req, res, (error?: unknown) => {
    // Without a body there is nothing to read, and the parser leaves an object.
    if (error === undefined && !Buffer.isBuffer(req.body)) req.body = Buffer.alloc(0);
    goOn(error);
  });
};

/**
 * Goes on only if no response was sent while the body was arriving. A request that was refused for
 * its slow body must not begin any work once the rest of it is there.
 */
function unlessAnswered(res: Response, next: NextFunction): NextFunction {
  return (error?: unknown) => {
    if (!res.writableEnded) next(error);
  };
}

/** @throws Problem `malformed_json` if it is not JSON in UTF-8. */
export function parseJsonBytes(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Problem('malformed_json', 'The body is not valid JSON.');
  }
}
