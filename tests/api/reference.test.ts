import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openApiDocument } from '../../src/api/openapi/document';
import { CARD_TABLE, FLIGHT_TABLE } from '../../src/api/openapi/scenario-tables';
import { PROBLEMS } from '../../src/api/problem';
import { expectFits } from './contract';

/** What openapi.json tells whoever writes a client, or one's generator. */

interface Content {
  schema: object;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}

interface Parameter {
  name: string;
  in: string;
  schema: object;
  description?: string;
  example?: unknown;
}

interface Answer {
  description: string;
  headers?: Record<string, { $ref: string }>;
  content?: Record<string, Content>;
}

interface Operation {
  operationId: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, Answer>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; headers: Record<string, object> };
}

const document = JSON.parse(JSON.stringify(openApiDocument())) as Document;

const operations = Object.entries(document.paths).flatMap(([route, methods]) =>
  Object.entries(methods).map(
    ([method, operation]) =>
      [`${method.toUpperCase()} ${route}`, operation, ['paths', route, method]] as const,
  ),
);

function examplesOf({ example, examples = {} }: Content): unknown[] {
  const named = Object.values(examples).map(({ value }) => value);
  return example === undefined ? named : [example, ...named];
}

/** All that is sent, with its place in the operation. */
function contentsOf({ requestBody, responses }: Operation): [string[], Content][] {
  const answers = Object.entries(responses).map(
    ([status, { content = {} }]) => [['responses', status], content] as const,
  );
  return [[['requestBody'], requestBody?.content ?? {}] as const, ...answers].flatMap(
    ([place, content]) =>
      Object.entries(content).map(([type, one]): [string[], Content] => [
        [...place, 'content', type],
        one,
      ]),
  );
}

test.each(operations)('%s says what it does, in sentences', (_, operation) => {
  expect(operation.description).toMatch(/^[A-Z].{20,}[.]$/s);
});

test.each(operations)('%s shows an example of all that is sent, and each fits', (_, one, place) => {
  for (const [within, content] of contentsOf(one)) {
    const examples = examplesOf(content);
    expect(examples).not.toEqual([]);
    for (const example of examples) expectFits([...place, ...within, 'schema'], example);
  }
});

test.each(operations)('%s explains its parameters, and their examples fit', (_, one, place) => {
  for (const [index, { name, description, example }] of (one.parameters ?? []).entries()) {
    expect({ name, description }).toEqual({ name, description: expect.stringMatching(/\w/) });
    if (example !== undefined)
      expectFits([...place, 'parameters', String(index), 'schema'], example);
  }
});

test.each(operations)('%s refers to headers that there are', (_, { responses }) => {
  const references = Object.values(responses).flatMap(({ headers = {} }) => Object.values(headers));
  expect(references.length).toBeGreaterThan(0);
  for (const { $ref } of references) {
    const name = $ref.replace('#/components/headers/', '');
    expect(Object.keys(document.components.headers)).toContain(name);
  }
});

test('every answer that asks to wait says for how long, and every created one where it is', () => {
  for (const [, { responses }] of operations)
    for (const [status, { headers = {}, content = {} }] of Object.entries(responses)) {
      if (status === '429') expect(headers).toHaveProperty('Retry-After');
      if (status === '503' && 'application/problem+json' in content)
        expect(headers).toHaveProperty('Retry-After');
    }
  expect(document.paths['/api/v1/bookings']?.post?.responses['201']?.headers).toMatchObject({
    Location: expect.anything(),
    'Idempotent-Replayed': expect.anything(),
  });
});

test('numbers are whole, and those that a client sends have bounds', () => {
  const numbers: Record<string, unknown>[] = [];
  visit(document, (node) => {
    if (node.type === 'number') throw new Error(`This is no integer: ${JSON.stringify(node)}`);
    if (node.type === 'integer') numbers.push(node);
  });
  expect(numbers.length).toBeGreaterThan(5);
  const sent = operations.flatMap(([, { parameters = [] }]) => parameters);
  for (const { name, schema } of sent)
    if ('type' in schema && schema.type === 'integer')
      expect({ name, schema }).toMatchObject({
        schema: { minimum: expect.any(Number), maximum: expect.any(Number) },
      });
});

test('what is sent in two places has a name: no list of words is written out twice', () => {
  const lists: string[] = [];
  visit(document, (node) => {
    if (Array.isArray(node.enum) && node.enum.length > 1) lists.push(node.enum.join(' '));
  });
  expect(lists.filter((list, index) => lists.indexOf(list) !== index)).toEqual([]);
});

test('every problem code is explained wherever it may come', () => {
  const explained = operations.flatMap(([, { responses }]) =>
    Object.values(responses).flatMap(({ description }) =>
      [...description.matchAll(/`([a-z_]+)`: [A-Z]/g)].map(([, code]) => code),
    ),
  );
  const wherever = ['malformed_request', 'request_timeout', 'headers_too_large'];
  const anyPath = ['route_not_found', 'method_not_allowed'];
  const everywhere = [...wherever, ...anyPath];
  expect(
    Object.keys(PROBLEMS)
      .filter((code) => !explained.includes(code))
      .sort(),
  ).toEqual(everywhere.sort());
});

test.each([
  ['the reference', openApiDocument().info.description ?? ''],
  ['docs/scenarios.md', readFileSync(path.join(__dirname, '../../docs/scenarios.md'), 'utf8')],
])('%s has every card and flight of the sandbox, and says of each what happens', (_, text) => {
  const rows = rowsIn(text);
  for (const table of [CARD_TABLE, FLIGHT_TABLE]) {
    expect(rowsIn(table).length).toBeGreaterThan(5);
    expect(rows).toEqual(expect.arrayContaining(rowsIn(table)));
  }
  const known = [...rowsIn(CARD_TABLE), ...rowsIn(FLIGHT_TABLE)];
  expect(rows.filter((row) => /^`pm_|^XX/.test(row) && !known.includes(row))).toEqual([]);
});

/** The rows of all tables of a text, whatever their columns' widths. */
function rowsIn(text: string): string[] {
  return [...text.matchAll(/^\|(.*)\|$/gm)]
    .map(([, cells = '']) =>
      cells
        .split('|')
        .map((cell) => cell.trim())
        .join(' | '),
    )
    .filter((row) => !/^[-:| ]+$/.test(row));
}

test('the search’s form shows a date that has flights, whenever it is opened', () => {
  const { paths } = openApiDocument(new Date('2031-12-28T10:00:00.000Z')) as unknown as Document;
  const { parameters = [] } = paths['/api/v1/flights']?.get ?? {};
  expect(parameters.find(({ name }) => name === 'date')).toMatchObject({ example: '2032-01-04' });
});

/** Walks through everything but examples, which are data. */
function visit(node: unknown, look: (node: Record<string, unknown>) => void): void {
  if (typeof node !== 'object' || node === null) return;
  look(node as Record<string, unknown>);
  for (const [key, child] of Object.entries(node))
    if (key !== 'example' && key !== 'examples' && key !== 'const') visit(child, look);
}
