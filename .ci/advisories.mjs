// Whether a security advisory applies to a package that we install: node .ci/advisories.mjs
//
// Asks the npm registry for the advisories of all packages in package-lock.json. Exits with 1 if one
// is high or critical, and with 75 if no registry that knows advisories can be reached: many mirrors
// serve packages alone. Then nothing is known, which is not the same as no advisory.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const UNKNOWN = 75; // EX_TEMPFAIL of sysexits.h
const SERIOUS = ['high', 'critical'];

const { stdout } = spawnSync('npm', ['audit', '--json', '--package-lock-only'], {
  cwd: path.resolve(import.meta.dirname, '..'),
  encoding: 'utf8',
});
const report = parse(stdout);

if (report?.vulnerabilities === undefined) {
  console.log(`No source of advisories can be reached: ${report?.message ?? 'no answer'}`);
  console.log('Run `npm audit` where the npm registry itself can be reached.');
  process.exit(UNKNOWN);
}

const found = Object.values(report.vulnerabilities);
for (const { name, severity, range, via } of found) {
  const titles = via.map((cause) => (typeof cause === 'string' ? `by ${cause}` : cause.title));
  console.log(`${severity}: ${name} ${range}: ${titles.join('; ')}`);
}
const serious = found.filter(({ severity }) => SERIOUS.includes(severity));
console.log(`${found.length} packages with advisories, ${serious.length} of them serious`);
process.exit(serious.length === 0 ? 0 : 1);

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
