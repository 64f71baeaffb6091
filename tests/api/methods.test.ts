import { openApiDocument } from '../../src/api/openapi/document';
import { openApi, type ApiUnderTest } from '../support/api';
import { expectRefused } from './client';

/** A path that exists says which methods it takes, to anyone who tries another. */

let backend: ApiUnderTest;
beforeAll(async () => {
  backend = await openApi();
});
afterAll(() => backend.close());

const ID = 'a3bb189e-8bf9-4c4b-9b0d-3f1d4d5c6e7f';
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'REPORT', 'M-SEARCH'];

/** What is not in the document, and exists. */
const UNDOCUMENTED = {
  '/api/v1/openapi.json': ['GET'],
  '/docs/': ['GET'],
  '/docs/swagger-ui.css': ['GET'],
  '/metrics': ['GET'],
  '/codec/decode': ['POST'],
  '/codec/encode': ['POST'],
  '/codec/session': ['GET'],
};

const documented = Object.entries(openApiDocument().paths ?? {}).map(
  ([path, operations]) =>
    [path, Object.keys(operations).map((name) => name.toUpperCase())] as const,
);

const known = [...documented, ...Object.entries(UNDOCUMENTED)];

/** Each path of the API with the methods that it takes. */
const paths = known.map(
  ([path, methods]) =>
    [
      path.replaceAll(/\{\w+\}/g, ID),
      [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])],
    ] as const,
);

test('these are all paths that there are', () => {
  expect(paths.length).toBeGreaterThan(18);
});

test.each(paths)('%s takes its methods, and answers any other with them', async (path, methods) => {
  const allow = (headers: Headers) => headers.get('allow')?.split(', ').sort();
  const wanted = [...methods, 'OPTIONS'].sort();
  for (const method of METHODS.filter((name) => !methods.includes(name))) {
    // Neither a token nor a body is looked at: the method can't be meant.
    const hasBody = !['GET', 'HEAD'].includes(method);
    const { status, headers } = await fetch(`${backend.url}${path}`, {
      method,
      ...(hasBody ? { body: '{"' } : {}),
    });
    expect({ method, status, allow: allow(headers) }).toEqual({
      method,
      status: 405,
      allow: wanted,
    });
  }
  expectRefused(await backend.anyone.send('PROPFIND', path), 'method_not_allowed');
  for (const method of methods) {
    const { status } = await fetch(`${backend.url}${path}`, { method });
    expect(status).not.toBe(405);
  }
});

test.each(paths.filter(([path]) => !path.startsWith('/codec')))(
  '%s tells its methods to who asks for its options, without a token',
  async (path, methods) => {
    const { status, headers, text } = await backend.anyone.send('OPTIONS', path);
    expect({ status, text }).toEqual({ status: 204, text: '' });
    expect(headers.get('allow')?.split(', ').sort()).toEqual([...methods, 'OPTIONS'].sort());
  },
);

test('HEAD answers as GET does, without a body', async () => {
  for (const path of ['/livez', '/api/v1/info', '/api/v1/openapi.json']) {
    const head = await fetch(`${backend.url}${path}`, { method: 'HEAD' });
    const get = await backend.anyone.get(path);
    expect({ status: head.status, text: await head.text() }).toEqual({ status: 200, text: '' });
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
  }
});
