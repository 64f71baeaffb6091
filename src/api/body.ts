import express, { type RequestHandler } from 'express';
import { Problem } from './problem';

const MAX_BODY = '100kb';

const parseJson = express.json({ limit: MAX_BODY, type: 'application/json' });

function hasBody(contentLength: string | undefined, transferEncoding: string | undefined): boolean {
  return transferEncoding !== undefined || (contentLength !== undefined && contentLength !== '0');
}

/** Reads a JSON body of at most 100 kB; any other kind of content is refused before it is read. */
export const jsonBody: RequestHandler = (req, res, next) => {
  if (!hasBody(req.get('content-length'), req.get('transfer-encoding'))) {
    next();
    return;
  }
  if (req.is('application/json') === false) {
    throw new Problem('unsupported_media_type', 'Send application/json.');
  }
  parseJson(req, res, next);
};
