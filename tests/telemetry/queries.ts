import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { ROOT } from '../../scripts/stack/settings';

/** Made by Prometheus itself for each target that it scrapes. */
const OF_PROMETHEUS = ['up'];

/** The metrics that a dashboard's or a rule file's queries ask for; throws where a query is no PromQL. JSON is YAML, too. */
export function queriesOf(file: string): string[] {
  const document: unknown = parse(readFileSync(path.join(ROOT, file), 'utf8'));
  const names = expressionsIn(document).flatMap(metricsIn);
  return [...new Set(names)].filter((name) => !OF_PROMETHEUS.includes(name));
}

/** Every `expr`, however deep. */
function expressionsIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === 'expr' && typeof value === 'string' ? [value] : expressionsIn(value),
  );
}

function metricsIn(expression: string): string[] {
  // Grafana fills this in.
  const query = expression.replaceAll('$__rate_interval', '5m');
  const names: string[] = [];
  parser.parse(query).iterate({
    enter: ({ type, from, to, node }) => {
      if (type.isError) throw new Error(`This is no PromQL: ${expression}`);
      const name = type.name === 'VectorSelector' ? node.getChild('Identifier') : null;
      if (name !== null) names.push(query.slice(name.from, name.to));
      else if (type.name === 'VectorSelector')
        throw new Error(`This names no metric: ${query.slice(from, to)}`);
    },
  });
  return names;
}
