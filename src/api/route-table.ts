import { Router, type RequestHandler } from 'express';

/** Routers of one part of the API, the path that they are mounted at, and what runs before them. */
export interface Mount {
  at: string;
  guards?: RequestHandler[];
  routers: Router[];
}

/** What the table knows about the path of a request. */
interface KnownPath {
  /** The first pattern that fits, in the order of the mounts. */
  pattern: string;
  methods: Set<string>;
}

const knownPaths = new WeakMap<object, KnownPath>();

/**
 * The pattern of a request's path, such as `/api/v1/bookings/:id`, or `none`.
 *
 * It comes from the mounted routers alone, so that logs and metrics have as many names as the API
 * has routes, whatever a client sends.
 */
export function routeOf(req: object): string {
  return knownPaths.get(req)?.pattern ?? 'none';
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * The method of a request, or `other` for one of the many that Node's parser accepts and no API
 * uses.
 */
export function methodOf({ method }: { method?: string | undefined }): string {
  return method !== undefined && METHODS.includes(method) ? method : 'other';
}

/**
 * Finds what is known about each request's path; Express itself matches it, as it will for the
 * routes.
 */
export function matchPath(mounts: readonly Mount[]): RequestHandler {
  const matcher = Router();
  for (const [pattern, methods] of methodsByPattern(mounts)) {
    matcher.all(pattern, (req, _res, next) => {
      const known = knownPaths.get(req) ?? { pattern, methods: new Set() };
      for (const method of methods) known.methods.add(method);
      knownPaths.set(req, known);
      next();
    });
  }
  return matcher;
}

/** The methods that a request's path takes; undefined for a path that the API doesn't have. */
export function methodsOf(req: object): ReadonlySet<string> | undefined {
  return knownPaths.get(req)?.methods;
}

/** Every pattern of the mounted routers, with the methods of its routes. */
function methodsByPattern(mounts: readonly Mount[]): Map<string, string[]> {
  const table = new Map<string, string[]>();
  for (const { at, routers } of mounts) {
    for (const { route } of routers.flatMap(({ stack }) => stack)) {
      if (route === undefined) continue;
      const methods = route.stack.map(({ method }) => method.toUpperCase());
      if (methods.includes('GET')) methods.push('HEAD');
      for (const path of [route.path].flat()) {
        const pattern = `${at}${path}`.replace('//', '/').replace(/(?<=.)\/$/, '');
        table.set(pattern, [...new Set([...(table.get(pattern) ?? []), ...methods])]);
      }
    }
  }
  return table;
}
