import { readFileSync } from 'node:fs';
import path from 'node:path';
import { withReport, type Report } from '../../bench/report/page';
import type { Results } from '../../bench/report/results';
import { SYSTEM_NAMES } from '../../bench/systems/system';
import { WORKLOAD_NAMES } from '../../bench/workloads/workload';
import { ROOT } from '../../scripts/stack/settings';
import { measurement } from './measurements';

const page = readFileSync(path.join(ROOT, 'docs/performance.md'), 'utf8');

const results: Results = {
  runs: [{ workload: 'book', server: 'full', measurements: [measurement()], violations: [] }],
  claims: [],
  findings: [],
};

const report: Report = {
  machine: {
    date: '2026-11-26',
    cpu: 'A processor',
    cores: 2,
    memoryGb: 24,
    system: 'Linux 6',
    versions: { PostgreSQL: '18.4' },
  },
  command: 'npm run bench -- --publish',
  workload: 'book',
  results,
};

test('the report takes the place of the one before, and the rest of the page stays', () => {
  const written = withReport(page, report);
  expect(written).toContain('Measured on 2026-11-26 by `npm run bench -- --publish`');
  expect(written).toContain('| ours | 16 | 10 | 10–10 | 10 | 50 | 10 | 50 |');
  expect(written.startsWith(page.slice(0, page.indexOf('## What a booking costs')))).toBe(true);
  expect(written.endsWith(page.slice(page.indexOf('<!-- The end of book. -->')))).toBe(true);
  expect(withReport(written, report)).toBe(written);
});

test('a workload has its bars beside its figures', () => {
  const findings = {
    workload: 'rush' as const,
    notes: ['All came at once.'],
    tables: [],
    faults: [],
    bars: [{ what: 'seats sold twice', value: 0, limit: { atMost: 0 } }],
  };
  const rush = { ...report, workload: 'rush' as const };
  const written = withReport(page, { ...rush, results: { ...results, findings: [findings] } });
  expect(written).toContain('| seats sold twice | 0 | ≤ 0 | met |');
});

test('the page has a place for every workload', () => {
  for (const workload of WORKLOAD_NAMES)
    expect(withReport(page, { ...report, workload })).toContain('Measured on 2026-11-26');
});

test('a page without a place for the report is left alone', () => {
  expect(() => withReport('# Performance', report)).toThrow('no marks');
});

test('the page says what each measured system is', () => {
  for (const name of SYSTEM_NAMES) expect(page).toContain(`- **${name}**: `);
});
