import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { runCommand, type CommandResult } from '../../scripts/stack/commands';
import { ROOT } from '../../scripts/stack/settings';
import { signMessage } from '../../src/notifications/webhooks/message';
import { openStorefront, tokenOf, type Storefront } from '../support/api';
import { STARTING_MS } from '../support/shop';

/**
 * The client as a shop gets it: packed, installed into an empty folder without the internet,
 * compiled against, and run against the API.
 */

const CLIENT = path.join(ROOT, 'clients/typescript');
const SECRET = `whsec_${Buffer.alloc(32, 's').toString('base64')}`;

let store: Storefront;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-client-'));
  await run('npm', ['pack', CLIENT, '--silent', '--pack-destination', folder]);
  const [tarball = ''] = readdirSync(folder);
  const dependencies = { 'flight-bookings-client': `file:${tarball}`, ...fromOurs() };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const offline = ['--offline', '--install-links', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', '--prefix', folder, '--silent', ...offline]);
  store = await openStorefront();
}, STARTING_MS);
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

interface Manifest {
  dependencies?: Record<string, string>;
}

const manifestIn = (of: string) =>
  JSON.parse(readFileSync(path.join(of, 'package.json'), 'utf8')) as Manifest;

/** All that the client needs, and what that needs: from where it is installed here. */
function fromOurs(of = CLIENT): Record<string, string> {
  const needed = Object.keys(manifestIn(of).dependencies ?? {});
  return Object.assign(
    {},
    ...needed.map((name) => {
      const home = path.join(ROOT, 'node_modules', name);
      return { [name]: `file:${home}`, ...fromOurs(home) };
    }),
  ) as Record<string, string>;
}

async function run(
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<CommandResult> {
  const result = await runCommand(command, args, {
    timeoutMs: 100_000,
    env: { ...process.env, NODE_ENV: undefined, ...env },
  });
  expect({ command, args, ...result }).toMatchObject({ exitCode: 0 });
  return result;
}

/** Compiles a program as a shop does, without our settings; returns what the compiler minds. */
function compile(name: string, source: string): string[] {
  const file = path.join(folder, name);
  writeFileSync(file, source);
  const program = ts.createProgram([file], {
    strict: true,
    module: ts.ModuleKind.Node20,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
    skipLibCheck: false,
  });
  const { diagnostics } = program.emit();
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, '\n'),
  );
}

const IMPORTS = `
import { createClient, newIntent, type Schemas } from 'flight-bookings-client';
import { verifyWebhook } from 'flight-bookings-client/webhooks';
declare const process: { env: Record<string, string> };
declare const console: { log(text: string): void };
`;

const PROGRAM = `
async function sell(): Promise<Schemas['Payment']> {
  const { API = '', TOKEN = '', FLIGHT = '' } = process.env;
  const api = createClient({ baseUrl: API, token: TOKEN });
  const held = await api.POST('/api/v1/bookings', {
    intent: newIntent(),
    body: { flightId: FLIGHT, passengers: [{ familyName: 'Lovelace' }] },
  });
  if (held.status !== 201) throw new Error('It is not held');
  const { id: bookingId, price } = held.data;
  const paid = await api.POST('/api/v1/bookings/payments', {
    intent: newIntent(),
    body: { bookingId, amount: price.amount, currency: price.currency, paymentMethod: 'pm_card_visa' },
  });
  if (paid.status !== 201) throw new Error('It is not paid');
  return paid.data;
}
const { BODY = '', HEADERS = '', SECRET = '' } = process.env;
const { type } = verifyWebhook({ body: BODY, headers: JSON.parse(HEADERS) }, SECRET);
void sell().then(({ bookingStatus }) => console.log(bookingStatus + ' ' + type));
`;

test.each(['mts', 'cts'])('a program in a .%s file compiles, books and verifies', async (kind) => {
  expect(compile(`shop.${kind}`, IMPORTS + PROGRAM)).toEqual([]);
  const { id } = await store.flight();
  const message = {
    id: 'event-1',
    type: 'ping',
    createdAt: '2026-11-26T10:00:00.000Z',
    sequence: null,
    data: { booking: null },
  };
  const { body, headers } = signMessage(message, [SECRET], new Date());
  const { stdout } = await run(
    process.execPath,
    [path.join(folder, `shop.${kind.replace('ts', 'js')}`)],
    {
      API: store.url,
      TOKEN: await tokenOf({ sub: `customer-of-${kind}` }),
      FLIGHT: id,
      BODY: body,
      HEADERS: JSON.stringify(headers),
      SECRET,
    },
  );
  expect(stdout.trim()).toBe('booked ping');
});

test('a program that the API would refuse does not compile', () => {
  const faults = compile('wrong.mts', IMPORTS + PROGRAM.replace('familyName', 'surname'));
  expect(faults).toEqual([expect.stringContaining('surname')]);
});

test('a browser can load it: nothing but its two libraries is imported, and nothing of Node', () => {
  const modules = path.join(folder, 'node_modules/flight-bookings-client/dist/esm');
  const imported = readdirSync(modules)
    .filter((file) => file.endsWith('.js'))
    .flatMap((file) => {
      const source = readFileSync(path.join(modules, file), 'utf8');
      return ts.preProcessFile(source).importedFiles.map(({ fileName }) => fileName);
    });
  expect(new Set(imported.filter((name) => !name.startsWith('./')))).toEqual(
    new Set(['openapi-fetch', 'standardwebhooks']),
  );
});

test('both kinds of modules have the same names', async () => {
  const names = "Object.keys(client).filter((name) => name !== 'default').sort().join(' ')";
  const shown = [
    `import('flight-bookings-client').then((client) => console.log(${names}))`,
    `const client = require('flight-bookings-client'); console.log(${names})`,
  ].map(async (program, index) => {
    const file = path.join(folder, `names-${index}.cjs`);
    writeFileSync(file, program);
    return (await run(process.execPath, [file])).stdout.trim();
  });
  const [one, other] = await Promise.all(shown);
  expect(one).toBe('UnexpectedAnswer createClient newIntent');
  expect(other).toBe(one);
});
