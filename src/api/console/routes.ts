import path from 'node:path';
import express, { Router, type RequestHandler } from 'express';
import { routeNotFound } from '../problem';

const PAGE = 'index.html';

/** Files whose names change with their content. */
const HASHED = `${path.sep}assets${path.sep}`;

const HASHED_CACHED = 'public, max-age=31536000, immutable';

/**
 * What the page may do: show itself, run its own scripts, ask this API. Nothing can be put into it,
 * nor it into another page. A token that it holds can be sent nowhere else.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const NOT_BUILT = `The console is not built. This builds it:

npm run build:console

A local stack (npm run dev) builds it by itself, some seconds after it is ready.
`;

/**
 * The console: one page for customers and operators. Its files are the same for everyone, and hold
 * no datum: it asks the API, with the token of whoever uses it.
 *
 * A path without an extension is a view of the page.
 */
export function consoleRoutes(folder: string): Router {
  const routes = Router();
  const file = express.static(folder, {
    index: false,
    redirect: false,
    setHeaders: (res, name) => {
      res.setHeader('Cache-Control', name.includes(HASHED) ? HASHED_CACHED : 'no-cache');
    },
  });
  routes.get(['/', '/*path'], restricted, file, pageOf(folder));
  return routes;
}

const restricted: RequestHandler = (_req, res, next) => {
  res.setHeader('Content-Security-Policy', POLICY);
  next();
};

function pageOf(folder: string): RequestHandler {
  return (req, res, next) => {
    if (path.extname(req.path) !== '') {
      routeNotFound(req, res, next);
      return;
    }
    const settings = {
      root: folder,
      cacheControl: false,
      headers: { 'Cache-Control': 'no-cache' },
    };
    res.sendFile(PAGE, settings, (error?: NodeJS.ErrnoException) => {
      if (error === undefined) return;
      if (error.code === 'ENOENT') res.status(404).type('text/plain').send(NOT_BUILT);
      else next(error);
    });
  };
}
