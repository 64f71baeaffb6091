import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { ROOT } from '../../scripts/stack/settings';
import { isProblemCode, problemDocument, PROBLEMS } from '../../src/api/problem';

/** What our pages print for clients is held against the types that are generated for them. */

const CLIENT = path.join(ROOT, 'clients/typescript');

let folder: string;
beforeAll(() => {
  // Beside the client's sources, so that what is printed finds them and its library.
  folder = mkdtempSync(path.join(CLIENT, 'src/printed-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const { compilerOptions } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), (name) =>
  readFileSync(name, 'utf8'),
).config as { compilerOptions: object };
const { options } = ts.convertCompilerOptionsFromJson(
  { ...compilerOptions, module: 'preserve', lib: ['es2023', 'dom'], types: ['node'] },
  ROOT,
);

/** Reads each file once but for what is printed, which is another one each time. */
function createHost(printed: string): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  const known = new Map<string, ts.SourceFile | undefined>();
  host.getSourceFile = (name, ...how) => {
    if (name === printed) return read(name, ...how);
    if (!known.has(name)) known.set(name, read(name, ...how));
    return known.get(name);
  };
  return host;
}

let host: ts.CompilerHost | undefined;
let program: ts.Program | undefined;

/** What the compiler has against a module, under the strictest of our settings. */
function faultsOf(source: string): string[] {
  const file = path.join(folder, 'printed.ts');
  writeFileSync(file, source);
  host ??= createHost(file);
  program = ts.createProgram([file], options, host, program);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** The bodies that the README sends to a path, with what the shell fills in. */
function bodiesTo(route: string): string[] {
  const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  const commands = [...readme.matchAll(/curl -sS "\$API(\S+)" (?:.*\\\n)+ +-d '(\{[^]*?\})'\)$/gm)];
  return commands
    .filter(([, to]) => to === route)
    .map(([, , body = '']) =>
      body
        .replaceAll(/"'\$\w+'"/g, '"9c5b94b1-35ad-49bb-b118-8e8fc24abf80"')
        .replaceAll(/'"\$\(way [^)]*\)"'/g, '["9c5b94b1-35ad-49bb-b118-8e8fc24abf80"]')
        .replaceAll(/'\$\(.*?\)'/g, '1'),
    );
}

/** A program that imports the package, as it imports its sources. */
const fromSources = (program: string) =>
  program
    .replaceAll("'flight-bookings-client'", "'../client'")
    .replaceAll("'flight-bookings-client/webhooks'", "'../webhooks'");

const asA = (schema: string, body: string) =>
  `import type { Schemas } from '../client';\nexport const body: Schemas['${schema}'] = ${body};\n`;

test.each([
  ['/bookings', 'CreateBooking', 3],
  ['/bookings/payments', 'MakePayment', 2],
  ['/bookings/$BOOKING_ID/cancel', 'CancelBooking', 1],
  ['/bookings/$ROUND_TRIP_ID/change-quotes', 'CreateChangeQuote', 1],
  ['/bookings/$ROUND_TRIP_ID/changes', 'CreateChange', 1],
  ['/bookings/$ROUND_TRIP_ID/cancel', 'CancelBooking', 1],
])('what the README sends to %s is a %s', (route, schema, count) => {
  const bodies = bodiesTo(route);
  expect(bodies).toHaveLength(count);
  for (const body of bodies)
    expect({ body, faults: faultsOf(asA(schema, body)) }).toEqual({ body, faults: [] });
});

test('a body that the API would refuse is found', () => {
  const [body = ''] = bodiesTo('/bookings');
  expect(faultsOf(asA('CreateBooking', body.replace('familyName', 'surname')))).toHaveLength(1);
});

/** The blocks of TypeScript of a page. */
function printedIn(page: string): string[] {
  const text = readFileSync(path.join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block);
}

test('what the client’s own page prints compiles', () => {
  const printed = printedIn('clients/typescript/README.md');
  expect(printed).toHaveLength(2);
  for (const block of printed) expect(faultsOf(fromSources(block))).toEqual([]);
});

test('what docs/api.md prints compiles, as the one program that it is', () => {
  const program = printedIn('docs/api.md').join('');
  expect(program).toContain('newIntent()');
  expect(faultsOf(fromSources(program))).toEqual([]);
});

test('docs/api.md names every problem code, with what may be tried again', () => {
  const page = readFileSync(path.join(ROOT, 'docs/api.md'), 'utf8');
  const [, section = ''] = /^## Problems$(.*?)^## /ms.exec(page) ?? [];
  const rows = [...section.matchAll(/^\|[^|]*\| `(\w+)` *\|(.*)\|$/gm)];
  const told = rows.flatMap(([, retry, codes = '']) =>
    [...codes.matchAll(/`(\w+)`/g)]
      .map(([, word = '']) => word)
      .filter(isProblemCode)
      .map((code) => `${code} ${retry}`),
  );
  const catalog = Object.keys(PROBLEMS).filter(isProblemCode);
  expect(told.sort()).toEqual(
    catalog
      .map((code) => problemDocument(code, '', { instance: '', requestId: '' }))
      .map(({ code, retry }) => `${code} ${retry}`)
      .sort(),
  );
});
