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

/** Returns the types of every path and schema of the API, as TypeScript. */
export async function clientTypes(): Promise<string> {
  const document = JSON.parse(JSON.stringify(openApiDocument(ANY_DAY))) as OpenAPI3;
  // A field with a default may be left out by the client that sends it.
  const types = await openapiTS(document, { defaultNonNullable: false, alphabetize: false });
  return COMMENT_HEADER + astToString(types);
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
