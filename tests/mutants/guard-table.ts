import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';

const HEADING = '## Guards, and the test that fails without each';

/** A row of the table of guards: the section that it belongs to, and its words. */
export interface GuardRow {
  section: string;
  guard: string;
}

/**
 * The rows of the table of guards in docs/reliability.md. A section is what stands in bold; it holds
 * for the rows below, too.
 */
export function guardRows(): GuardRow[] {
  const page = readFileSync(path.join(ROOT, 'docs/reliability.md'), 'utf8');
  const table = /^\|.*?\n\n/ms.exec(page.split(HEADING)[1] ?? '')?.[0] ?? '';
  let section = '';
  const rows: GuardRow[] = [];
  for (const [, cell = ''] of table.matchAll(/^\| (.*?) +\| .* \|$/gm)) {
    if (cell === 'guard' || /^-+$/.test(cell)) continue;
    const bold = /^\*\*(.+?)\*\*:? ?/.exec(cell);
    if (bold !== null) section = bold[1] ?? '';
    const guard = cell
      .slice(bold?.[0].length ?? 0)
      .replace(/ ✂$/, '')
      .trim();
    rows.push({ section, guard: guard === '' ? section : guard });
  }
  return rows;
}
