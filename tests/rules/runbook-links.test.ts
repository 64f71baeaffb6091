import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../../scripts/stack/settings';
import { anchorsIn } from '../support/markdown';

/** Whoever is told by an alert, or sees something on the dashboard, finds what to do about it. */

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

const RUNBOOK = 'docs/operations.md';
const sections = anchorsIn(read(RUNBOOK));

interface Rule {
  alert: string;
  annotations: Record<string, string | undefined>;
}

interface Panel {
  title: string;
  type: string;
  links?: { title: string; url: string }[];
}

interface Dashboard {
  templating: { list: { name: string }[] };
  panels: Panel[];
}

const { groups } = parse(read('deploy/prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(read('deploy/grafana/flight-bookings.json')) as Dashboard;

test.each(rules)('$alert names a section of the runbook that there is', ({ annotations }) => {
  const [file, anchor] = annotations.runbook_url?.split('#') ?? [];
  expect(file).toBe(RUNBOOK);
  expect(sections).toContain(anchor);
});

test('every alert is explained in the table of the documentation', () => {
  const named = [...read('docs/observability.md').matchAll(/^\| `([A-Z]\w+)` /gm)];
  expect(named.map(([, alert]) => alert).sort()).toEqual(rules.map(({ alert }) => alert).sort());
});

const linked = dashboard.panels.filter(({ links = [] }) => links.length > 0);

test.each(linked)(
  'panel "$title" links to a section of the runbook that there is',
  ({ links = [] }) => {
    for (const { url } of links) {
      const [base, anchor] = url.split('#');
      expect(base).toBe('${runbook}');
      expect(sections).toContain(anchor);
    }
  },
);

test('the dashboard asks where the runbook is, and leads to every section that an alert names', () => {
  expect(dashboard.templating.list.map(({ name }) => name)).toContain('runbook');
  const anchorOf = (url = '') => url.split('#')[1];
  const reached = linked.flatMap(({ links = [] }) => links.map(({ url }) => anchorOf(url)));
  const named = rules.map(({ annotations }) => anchorOf(annotations.runbook_url));
  expect(reached).toEqual(expect.arrayContaining(named));
});
