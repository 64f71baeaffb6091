import type { z } from 'zod';
import { openApiDocument } from '../../src/api/openapi/document';
import { isProblemCode, PROBLEMS, type ProblemDocument } from '../../src/api/problem';
import { fitsOf } from '../support/openapi';

/** What came back for one request. */
export interface Answer<T = unknown> {
  status: number;
  headers: Headers;
  /** Letter by letter. */
  text: string;
  body: T;
}

export type ProblemBody = z.infer<typeof ProblemDocument>;

interface Operation {
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
}

const document = openApiDocument() as unknown as {
  paths: Record<string, Record<string, Operation>>;
};

/** Expects a value to fit the schema at a place in openapi.json. */
export const expectFits = fitsOf(document);

/** Pages, the document itself, a text for Prometheus, and Temporal's own codec protocol. */
const UNDESCRIBED = /^\/(docs|console|codec|metrics|api\/v1\/openapi\.json)\b/;

const PROBLEM_SCHEMA = ['components', 'schemas', 'Problem'];

/**
 * Holds every answer of the tests against openapi.json, which makes the document a promise: its
 * operation names this status and media type, and the body fits the schema. A refusal is a whole
 * problem document, with one of the codes that the operation names.
 */
export function expectDocumented(method: string, path: string, answer: Answer): void {
  const { status, headers, body } = answer;
  expect(headers.get('x-request-id')).toMatch(/^[A-Za-z0-9._:-]{1,128}$/);
  const mediaType = headers.get('content-type')?.split(';')[0] ?? '';
  if (status >= 400 && mediaType !== 'application/json') expectWholeProblem(path, answer);

  const { code } = (body ?? {}) as { code?: unknown };
  const found = code === 'route_not_found' ? undefined : findOperation(method, path);
  if (found === undefined) {
    // What is not described is refused: a route that is forgotten there is found by its first test.
    if (!UNDESCRIBED.test(path) && method !== 'OPTIONS') expect(status).toBeGreaterThanOrEqual(400);
    return;
  }
  const [template, { responses }] = found;
  const documented = responses[String(status)];
  expect(`${method} ${template}: ${Object.keys(responses).join(' ')}`).toContain(String(status));
  if (documented?.content === undefined) {
    expect(answer.text).toBe('');
    return;
  }
  expect(Object.keys(documented.content)).toContain(mediaType);
  if (isProblemCode(code)) expect(documented.description).toContain(`\`${code}\``);
  expectFits(
    [
      'paths',
      template,
      method.toLowerCase(),
      'responses',
      String(status),
      'content',
      mediaType,
      'schema',
    ],
    body,
  );
}

/** What RFC 9457 and our contract ask of every refusal. */
function expectWholeProblem(path: string, { status, headers, body }: Answer): void {
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expectFits(PROBLEM_SCHEMA, body);
  const { code, ...problem } = body as ProblemBody;
  expect(problem).toMatchObject({
    type: `urn:flight-bookings:problem:${code}`,
    status: PROBLEMS[code],
    instance: path.split('?')[0],
    requestId: headers.get('x-request-id'),
  });
  expect(status).toBe(PROBLEMS[code]);
  expect(headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
  // Waiting helps against every other limit.
  if (code !== 'too_many_declines' && (status === 429 || status === 503))
    expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
}

function findOperation(method: string, path: string): [string, Operation] | undefined {
  const asked = path.split('?')[0] ?? '';
  const parts = asked.split('/');
  const fits = (template: string): boolean => {
    const pattern = template.split('/');
    return (
      pattern.length === parts.length &&
      pattern.every((part, index) => part.startsWith('{') || part === parts[index])
    );
  };
  // A template that is the path itself comes before those with a parameter, whatever the method.
  const templates = asked in document.paths ? [asked] : Object.keys(document.paths).filter(fits);
  for (const template of templates) {
    const operation = document.paths[template]?.[method.toLowerCase()];
    if (operation !== undefined) return [template, operation];
  }
  return undefined;
}
