import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import packageJson from '../../package.json';
import { ROOT } from '../../scripts/stack/settings';
import { installPromtool, run, type Answer } from './tools';

/** The alert rules, as Prometheus itself reads them and carries them out. */

const FOLDER = path.join(ROOT, 'deploy/prometheus');

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook: string };
}

interface RuleFile {
  groups: { name: string; rules: Rule[] }[];
}

let promtool: string;
/** A copy of the rules with their tests, to be spoilt. */
let copy: string;

const original = readFileSync(path.join(FOLDER, 'alerts.yml'), 'utf8');
const rules = rulesOf(parse(original) as RuleFile);

function rulesOf({ groups }: RuleFile): Rule[] {
  return groups.flatMap((group) => group.rules);
}

/** Building promtool takes two minutes of two idle cores; here other tools are built beside it. */
const BUILDING_MS = 480_000;

beforeAll(() => {
  promtool = installPromtool();
  copy = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-alerts-'));
  cpSync(FOLDER, copy, { recursive: true });
}, BUILDING_MS);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

function testRules(folder: string): Answer {
  return run(promtool, ['test', 'rules', 'alerts.test.yml'], { cwd: folder });
}

test('Prometheus accepts the rules and the example of a configuration', () => {
  for (const args of [
    ['check', 'rules', '--lint=all', '--lint-fatal', 'alerts.yml'],
    ['check', 'config', '--lint=all', '--lint-fatal', 'prometheus.yml'],
  ]) {
    expect(run(promtool, args, { cwd: FOLDER })).toMatchObject({ exitCode: 0 });
  }
});

test('every alert is told when it must be, and is silent when it need not be', () => {
  expect(testRules(FOLDER)).toMatchObject({ exitCode: 0, stderr: '' });
});

test.each([
  ['never', 'vector(0) > 1'],
  ['always', 'vector(1)'],
])('an alert that comes %s would be noticed, whichever it is', (_when, expr) => {
  const spoilt = parse(original) as RuleFile;
  for (const rule of rulesOf(spoilt)) rule.expr = expr;
  writeFileSync(path.join(copy, 'alerts.yml'), stringify(spoilt));
  const { exitCode, stderr } = testRules(copy);
  expect(exitCode).toBe(1);
  const unnoticed = rules.filter(({ alert }) => !stderr.includes(`alertname="${alert}"`));
  expect(unnoticed).toEqual([]);
});

test.each(rules)('$alert says how urgent it is, what has happened, and what to do', (rule) => {
  expect(['page', 'ticket']).toContain(rule.labels.severity);
  const { summary, description, runbook } = rule.annotations;
  for (const text of [summary, description]) expect(text).toMatch(/\.$/);
  const [, script] = /^npm run ([\w:]+)/.exec(runbook) ?? [];
  const known =
    script === undefined ? ['curl', 'temporal', 'psql'] : Object.keys(packageJson.scripts);
  expect(known).toContain(script ?? runbook.split(' ')[0]);
});
