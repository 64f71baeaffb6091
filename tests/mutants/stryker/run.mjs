// npm run test:stryker -- [--workflows] [file …]: mutates src/domain, or the workflows, or the files
// that are named, and prints what no test notices.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { providePackages } from '../../../.ci/provide-packages.mjs';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { workflows: { type: 'boolean', default: false }, concurrency: { type: 'string' } },
});
const packages = providePackages(path.join(ROOT, '.ci/stryker'), 'stryker');
const chosen = values.workflows ? ['src/workflows/**/*.ts'] : ['src/domain/**/*.ts'];

const settings = {
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  jest: { configFile: 'tests/mutants/stryker/jest.config.js' },
  mutate: [...(positionals.length > 0 ? positionals : chosen), '!**/*.test.ts'],
  coverageAnalysis: 'perTest',
  // A constant of a text is for people; what tells texts apart is in types.
  mutator: { excludedMutations: ['StringLiteral'] },
  ignorePatterns: ['data', 'docs', 'dist', 'bench', 'console', 'deploy', 'coverage'],
  tempDirName: 'coverage/stryker',
  cleanTempDir: 'always',
  incremental: true,
  incrementalFile: 'coverage/stryker.json',
  concurrency: Number(values.concurrency ?? 2),
  timeoutMS: 20_000,
  disableTypeChecks: false,
  // It would be rewritten for a compiler; jest compiles without it.
  tsconfigFile: 'none.json',
  reporters: ['clear-text', 'json'],
  clearTextReporter: { logTests: false, allowColor: false, allowEmojis: false },
  jsonReporter: { fileName: 'coverage/stryker-report.json' },
};
mkdirSync(path.join(ROOT, 'coverage'), { recursive: true });
const file = path.join(ROOT, 'coverage/stryker.config.json');
writeFileSync(file, JSON.stringify(settings, null, 2));
const stryker = path.join(packages, '@stryker-mutator/core/bin/stryker.js');
// Lives enough to notice most: each mutant plays them.
const env = { SIMULATIONS: '120', ...process.env };
const { status } = spawnSync(process.execPath, [stryker, 'run', file], {
  cwd: ROOT,
  env,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
