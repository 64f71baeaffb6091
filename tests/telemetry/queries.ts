import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { ROOT } from '../../scripts/stack/settings';

/** Series that a query asks for, such as `seats{state="sold"}`. */
export interface Selector {
  metric: string;
  /**
   * As text, as they are shown to Prometheus: `state="sold"`; of a regular expression the label
   * alone, `status="`.
   */
  labels: string[];
}

/**
 * What a dashboard's or a rule file's queries ask for; throws where a query is no PromQL. JSON is
 * YAML, too.
 */
export function selectorsOf(file: string): Selector[] {
  const document: unknown = parse(readFileSync(path.join(ROOT, file), 'utf8'));
  return expressionsIn(document).flatMap(selectorsIn);
}

/** Every `expr`, however deep. */
function expressionsIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === 'expr' && typeof value === 'string' ? [value] : expressionsIn(value),
  );
}

function selectorsIn(expression: string): Selector[] {
  // Grafana fills this in.
  const query = expression.replaceAll('$__rate_interval', '5m');
  const selectors: Selector[] = [];
  parser.parse(query).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) throw new Error(`This is no PromQL: ${expression}`);
      const text = query.slice(from, to);
      if (type.name === 'VectorSelector')
        selectors.push({ metric: text.split('{')[0]!, labels: [] });
      if (type.name === 'UnquotedLabelMatcher') selectors.at(-1)?.labels.push(asShown(text));
    },
  });
  return selectors;
}

function asShown(matcher: string): string {
  const [, label, operator, value] = /^(\w+)\s*(=~|!=|!~|=)\s*(.*)$/s.exec(matcher) ?? [];
  return operator === '=' ? `${label!}=${value!}` : `${label!}="`;
}
