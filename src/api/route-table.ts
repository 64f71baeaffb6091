import { Router, type RequestHandler } from 'express';

/** Routers of one part of the API, the path that they are mounted at, and what runs before them. */
export interface Mount {
  at: string;
  guards?: RequestHandler[];
  routers: Router[];
}

/** What the table knows about the path of a request. */
interface KnownPath {
  /** The first pattern that matches, in the order of the mounts. */
  pattern: string;
  methods: ReadonlySet<string>;
}

const knownPaths = new WeakMap<object, KnownPath>();

/**
 * Returns the pattern of a request's path, such as `/api/v1/bookings/:id`, or `none`.
 *
 * It comes from the mounted routers alone. So logs and metrics have as many names as the API has
 * routes, whatever a client sends.
 */
export function routeOf(req: object): string {
  return knownPaths.get(req)?.pattern ?? 'none';
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Returns the method of a request, or `other` for one that Node's parser accepts and the API
 * doesn't use.
 */
export function methodOf({ method }: { method?: string | undefined }): string {
  return method !== undefined && METHODS.includes(method) ? method : 'other';
}

/**
 * Finds each request's path in the table. Express itself matches it, in the same way as the routes.
 */
export function matchPath(mounts: readonly Mount[]): RequestHandler {
  const matcher = Router();
  for (const [pattern, methods] of methodsByPattern(mounts)) {
    matcher.all(pattern, (req, _res, next) => {
      // A path such as `/bookings/payments` is no booking's: the first pattern has it to itself.
      if (!knownPaths.has(req)) knownPaths.set(req, { pattern, methods: new Set(methods) });
      next();
    });
  }
  return matcher;
}

/** Returns the methods that a request's path takes; undefined for an unknown path. */
export function methodsOf(req: object): ReadonlySet<string> | undefined {
  return knownPaths.get(req)?.methods;
}

/** Returns every pattern of the mounted routers, with the methods of its routes. */
export function methodsByPattern(mounts: readonly Mount[]): Map<string, string[]> {
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
