import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** Where Debian and its descendants put it: the package `libfaketime`, which `faketime` brings. */
const LIBRARIES = '/usr/lib';

/** Returns the library that lets a process live at another time; undefined where there is none. */
export function findFaketime(): string | undefined {
  if (!existsSync(LIBRARIES)) return undefined;
  return readdirSync(LIBRARIES)
    .map((name) => path.join(LIBRARIES, name, 'faketime/libfaketimeMT.so.1'))
    .find((file) => existsSync(file));
}

/**
 * What makes a process see a clock that is so many seconds ahead. Time spans that it measures stay
 * true: a wrong clock runs as fast as any other.
 */
export function clockAhead(library: string, seconds: number): NodeJS.ProcessEnv {
  return {
    LD_PRELOAD: library,
    FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}s`,
    FAKETIME_NO_CACHE: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
}
