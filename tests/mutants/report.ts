import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'prettier';
import { ROOT } from '../../scripts/stack/settings';
import { namedMutants } from './all';
import { placeOf, type Mutant } from './mutant';
import type { Verdict } from './verdict';

const PAGE = path.join(ROOT, 'docs/mutants.md');
const [BEGIN, END] = ['<!-- results -->', '<!-- end of results -->'];

const KILLED_BY = { assertion: 'an expectation', error: 'a failure', time: 'time' };

/** Writes what became of each mutant into docs/mutants.md. Rows of those that did not run stay. */
export async function writeReport(verdicts: ReadonlyMap<string, Verdict>): Promise<void> {
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : `# Mutants\n\n${BEGIN}\n${END}\n`;
  const earlier = rowsOf(page);
  const rows = namedMutants().map(({ name, mutant }) => {
    const verdict = verdicts.get(name);
    if (verdict === undefined) return earlier.get(name) ?? row(name, mutant, 'not run', '');
    const { fate, how = 'error', said } = verdict;
    return row(name, mutant, fate === 'killed' ? `killed by ${KILLED_BY[how]}` : fate, said);
  });
  const table = [
    '| guard | taken out of | fate | first test that fails |',
    '| - | - | - | - |',
    ...rows,
  ];
  const [head = '', rest = ''] = page.split(BEGIN);
  const tail = rest.split(END)[1] ?? '';
  const text = `${head}${BEGIN}\n\n${table.join('\n')}\n\n${END}${tail}`;
  writeFileSync(PAGE, await format(text, { parser: 'markdown', printWidth: 100 }));
}

/** The mutants that docs/mutants.md says were killed. */
export function killedBefore(): Set<string> {
  if (!existsSync(PAGE)) return new Set();
  const rows = [...rowsOf(readFileSync(PAGE, 'utf8'))];
  return new Set(rows.filter(([, text]) => text.includes(' killed by ')).map(([name]) => name));
}

function rowsOf(page: string): Map<string, string> {
  const rows = [...page.matchAll(/^\| (.*?) +\| `.*\|$/gm)];
  return new Map(rows.map(([text, name = '']) => [name, text]));
}

function row(name: string, mutant: Mutant, ...rest: string[]): string {
  const cells = [name, `\`${placeOf(mutant)}\``, ...rest];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}
