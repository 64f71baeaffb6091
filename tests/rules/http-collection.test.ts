import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { openApiDocument } from '../../src/api/openapi/document';
import { readHttpFile } from '../support/http-file';

/** docs/api.http has a request for every operation of the API. That they work, is tested elsewhere. */

/** These are signed over the body, which an editor can't do. */
const SIGNED = ['POST /api/v1/payment-events', 'POST /api/v1/webhooks/stripe'];

/** These need something that hangs, which no request brings about. */
const OF_WHAT_HANGS = [
  'POST /api/v1/bookings/{id}/operations/retry-payment',
  'POST /api/v1/bookings/{id}/operations/retry-refund',
  'POST /api/v1/bookings/{id}/operations/settle-refund',
];

const LEFT_OUT = [...OF_WHAT_HANGS, ...SIGNED].sort();

/** But for streams, whose end an editor would wait for. */
const operations = Object.entries(openApiDocument().paths ?? {}).flatMap(([template, methods]) =>
  Object.entries(methods)
    .filter(([, operation]) => !JSON.stringify(operation).includes('text/event-stream'))
    .map(([method]) => ({ method: method.toUpperCase(), template })),
);

/** What a file's URL may be of a path: a variable in the place of each parameter. */
function patternOf(template: string): RegExp {
  const parts = template
    .replace('/api/v1', '{{api}}')
    .split(/(\{\{api\}\}|\{\w+\})/)
    .map((part) => {
      if (part === '{{api}}') return '\\{\\{api\\}\\}';
      return part.startsWith('{') ? '\\{\\{[^}]+\\}\\}' : part;
    });
  return new RegExp(`^(\\{\\{host\\}\\})?${parts.join('')}(\\?.*)?$`);
}

function missingIn(text: string): string[] {
  const { requests } = readHttpFile(text);
  return operations
    .filter(
      ({ method, template }) =>
        !requests.some((sent) => sent.method === method && patternOf(template).test(sent.url)),
    )
    .map(({ method, template }) => `${method} ${template}`);
}

const collection = readFileSync(path.join(ROOT, 'docs/api.http'), 'utf8');

test('every operation has a request, but those that are signed, or need what hangs', () => {
  expect(missingIn(collection).sort()).toEqual(LEFT_OUT);
});

test('one that is left out is found', () => {
  const without = collection.replaceAll(/^### .*\n(#.*\n)?DELETE .*\n(.*\n)*?(?=###|$)/gm, '');
  expect(missingIn(without).sort()).toEqual(['DELETE /api/v1/webhook-endpoints/{id}', ...LEFT_OUT]);
});

test('names in it are unique, and every answer that is used has one', () => {
  const { requests } = readHttpFile(collection);
  const names = requests.flatMap(({ name }) => (name === undefined ? [] : [name]));
  expect(new Set(names).size).toBe(names.length);
  const used = [...collection.matchAll(/\{\{(\w+)\.response\./g)].map(([, name = '']) => name);
  expect([...new Set(used)].filter((name) => !names.includes(name))).toEqual([]);
});
