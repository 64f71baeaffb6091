import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import openapiTS, { astToString, COMMENT_HEADER, type OpenAPI3 } from 'openapi-typescript';
import { openApiDocument } from '../src/api/openapi/document';

/**
 * The client's types, made of openapi.json: `npm run client` writes them, and
 * `npm run client -- --check` tells whether they are still true.
 */

const TYPES = path.resolve(__dirname, '../clients/typescript/src/schema.ts');

/** The reference shows another date each day; the types show one. */
const ANY_DAY = new Date('2026-11-26T00:00:00.000Z');

interface Content {
  schema?: unknown;
  example?: unknown;
  examples?: Record<string, unknown>;
}

interface Operation {
  parameters?: { name: string; required?: boolean }[];
  requestBody?: { content?: Record<string, Content> };
  responses: Record<string, { content?: Record<string, Content> }>;
}

interface Described {
  paths: Record<string, Record<string, Operation>>;
  webhooks: Record<string, Record<string, Operation>>;
}

/** Returns the types of every path and schema of the API, as TypeScript. */
export async function clientTypes(): Promise<string> {
  const document = JSON.parse(JSON.stringify(openApiDocument(ANY_DAY))) as Described;
  for (const item of Object.values({ ...document.paths, ...document.webhooks }))
    for (const operation of Object.values(item)) makeTypable(operation);
  // A field with a default may be left out by the client that sends it.
  const types = await openapiTS(document as unknown as OpenAPI3, {
    defaultNonNullable: false,
    alphabetize: false,
  });
  return COMMENT_HEADER + astToString(types);
}

/** Says of an operation what the compiler can use, and leaves out what it can't. */
function makeTypable({ parameters = [], requestBody, responses }: Operation): void {
  // The client makes a key where none is given.
  for (const parameter of parameters)
    if (parameter.name === 'x-idempotency-key') parameter.required = false;
  for (const [status, { content = {} }] of Object.entries(responses)) {
    const problem = content['application/problem+json'];
    if (problem?.examples !== undefined)
      problem.schema = problemsOf(Number(status), Object.keys(problem.examples));
  }
  const contents = [requestBody, ...Object.values(responses)].map((part) => part?.content ?? {});
  // They are most of the document, and the reference page has them.
  for (const content of contents.flatMap((types) => Object.values(types))) {
    delete content.example;
    delete content.examples;
  }
}

/** A problem with one status, and with one of the codes that the operation has for it. */
function problemsOf(status: number, codes: string[]): object {
  return {
    allOf: [
      { $ref: '#/components/schemas/Problem' },
      {
        type: 'object',
        properties: { status: { const: status }, code: { type: 'string', enum: codes } },
        required: ['status', 'code'],
      },
    ],
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const types = await clientTypes();
  if (!values.check) {
    writeFileSync(TYPES, types);
    return;
  }
  if (existsSync(TYPES) && readFileSync(TYPES, 'utf8') === types) return;
  console.error('clients/typescript is not what openapi.json says now: npm run client');
  process.exitCode = 1;
}

if (require.main === module) void main();
