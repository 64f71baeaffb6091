import Table from 'cli-table3';

/** Formats a plain-text table, which can be read, searched and pasted. */
export function formatTable(head: string[], rows: string[][]): string {
  const table = new Table({
    head,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
    chars: BLANK,
  });
  table.push(...rows);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Formats rows that have the same fields, in the order of the first row's. */
export function formatRows(rows: readonly object[]): string {
  const head = Object.keys(rows[0] ?? {});
  return formatTable(
    head,
    rows.map((row) => Object.values(row).map(String)),
  );
}

const BLANK = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((place) => [place, '']),
);
