import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';

interface LockedPackage {
  optionalDependencies?: Record<string, string>;
}

/**
 * npm leaves out of the lockfile what the registry of the one who installs doesn't have, which
 * happens to packages for other platforms; `npm ci` then refuses the whole lockfile, on every
 * machine.
 */
test('the lockfile names every optional package, those for other platforms too', () => {
  const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const missing = Object.entries(packages).flatMap(([folder, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) =>
        !(`node_modules/${name}` in packages || `${folder}/node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});
