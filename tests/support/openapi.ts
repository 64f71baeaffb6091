import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

/** Returns an expectation: that a value fits the schema at a place in an OpenAPI document. */
export function fitsOf(document: object): (place: string[], value: unknown) => void {
  // Not strict: an OpenAPI document holds more than JSON Schema knows.
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  // Of addresses our own parser decides; the validator knows no international ones.
  ajv.addFormat('idn-email', true);
  ajv.addSchema(document, 'openapi');
  return (place, body) => {
    const pointer = place.map((part) =>
      encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    const validate = ajv.getSchema(`openapi#/${pointer.join('/')}`);
    if (validate === undefined) throw new Error(`The document has nothing at ${place.join(' ')}`);
    void validate(body);
    expect({ place, errors: validate.errors, body }).toEqual({ place, errors: null, body });
  };
}

/** Expects a text to be a document of OpenAPI 3.1. */
export async function expectValidOpenApi(text: string): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-openapi-'));
  try {
    const file = path.join(folder, 'openapi.json');
    writeFileSync(file, text);
    const validator =
      require.resolve('@seriousme/openapi-schema-validator/bin/validate-api-cli.js');
    const { stdout } = await promisify(execFile)(process.execPath, [validator, file]);
    expect(JSON.parse(stdout)).toMatchObject({ valid: true });
    expect(JSON.parse(text)).toMatchObject({ openapi: expect.stringMatching(/^3\.1\./) });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
