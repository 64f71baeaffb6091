/** One statement as the driver sends it. */
export interface Statement {
  text: string;
  values: readonly unknown[];
}

/** What of the statements differs from claim to claim: each value, and the variable for it. */
export type Variables = ReadonlyMap<string, string>;

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * Takes a free seat that nobody else is taking, as a claim does in several steps. Claims begin in
 * different rows, so that they rarely want the same seat. (With OFFSET the rows before it would be
 * locked, too.)
 */
const PICK = `\\set spread random(0, 1000)
SELECT seat_number AS seat FROM seats
WHERE flight_id = :flight AND cabin = 'economy' AND state = 'free'
ORDER BY hashint4(row_number + :spread::integer), seat_number LIMIT 1
FOR UPDATE SKIP LOCKED \\gset`;

/**
 * Returns the script by which pgbench sends the same statements, with the values of another claim
 * each time. Only where our code chooses a seat the choice is made in SQL: pgbench can't.
 */
export function pgbenchScript(
  preparation: string,
  statements: readonly Statement[],
  variables: Variables,
): string {
  const lines = [preparation];
  let hasPicked = false;
  for (const statement of statements) {
    const namesSeat = mentions(statement.values, valueOf(variables, 'seat'));
    if (namesSeat && !hasPicked) {
      lines.push(PICK);
      hasPicked = true;
    }
    // The seat that was picked is locked.
    if (namesSeat && /^\s*select\b.*\bskip locked/is.test(statement.text)) continue;
    lines.push(`${withValues(statement, variables).trim().replace(/;$/, '')};`);
  }
  return `${lines.join('\n')}\n`;
}

function withValues({ text, values }: Statement, variables: Variables): string {
  return text.replaceAll(/\$(\d+)/g, (_, number: string) =>
    literal(values[Number(number) - 1], variables),
  );
}

function literal(value: unknown, variables: Variables): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return `to_timestamp(${value.getTime() / 1000})`;
  if (Array.isArray(value)) {
    if (value.length === 0) return `'{}'`;
    return `ARRAY[${value.map((item) => literal(item, variables)).join(', ')}]`;
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const variable = variables.get(text);
  if (variable !== undefined) return `:${variable}`;
  if (UUID.test(text)) return 'gen_random_uuid()';
  const parts = splitAtVariables(text, variables);
  if (parts.length === 1) return quoted(text);
  const terms = parts.map((part) => {
    const name = variables.get(part);
    return name === undefined ? `${quoted(part)}::text` : `:${name}::text`;
  });
  return `(${terms.join(' || ')})`;
}

function quoted(text: string): string {
  // pgbench would take a colon with a word after it for a variable, within quotes, too.
  const escaped = text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll(':', '\\x3a');
  return `E'${escaped}'`;
}

/** Nothing else has such a value by chance; shorter ones count where JSON has them alone. */
const DISTINCTIVE = 20;

/** Cuts a text, such as JSON, before and after each value that differs from claim to claim. */
function splitAtVariables(text: string, variables: Variables): string[] {
  const values = [...variables.keys()].sort((a, b) => b.length - a.length);
  const pattern = values
    .map((value) => {
      const escaped = value.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return value.length >= DISTINCTIVE ? escaped : `(?<=")${escaped}(?=")`;
    })
    .join('|');
  return text.split(new RegExp(`(${pattern})`)).filter((part) => part !== '');
}

function mentions(values: readonly unknown[], wanted: string | undefined): boolean {
  return values.some((value: unknown) =>
    Array.isArray(value) ? mentions(value, wanted) : value === wanted,
  );
}

function valueOf(variables: Variables, name: string): string | undefined {
  return [...variables].find(([, variable]) => variable === name)?.[0];
}
