import { openApiDocument } from '../../src/api/openapi/document';

/** What can be asked of the API, as its description says: the rows of every matrix here. */

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Record<string, unknown>;
  example?: unknown;
}

interface Described {
  operationId: string;
  security?: { bearer: string[] }[];
  parameters?: Parameter[];
  requestBody?: {
    content: Record<string, { schema: object; examples: Record<string, { value: unknown }> }>;
  };
}

export interface Operation extends Described {
  method: string;
  /** Such as `/api/v1/bookings/{id}`. */
  path: string;
  /** One of these opens it; none where it is open to anyone. */
  scopes: string[];
}

/** A request that fits the description of its operation. */
export interface Sample {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
}

const document = JSON.parse(JSON.stringify(openApiDocument())) as {
  paths: Record<string, Record<string, Described>>;
};

export const OPERATIONS: Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, described]) => ({
    ...described,
    method: method.toUpperCase(),
    path,
    scopes: (described.security ?? []).flatMap(({ bearer }) => bearer),
  })),
);

/** Those that need a token. */
export const SECURED = OPERATIONS.filter(({ scopes }) => scopes.length > 0);

/** Those whose messages are signed, and that no token opens. */
export const SIGNED = OPERATIONS.filter(({ path }) =>
  ['/api/v1/payment-events', '/api/v1/webhooks/stripe'].includes(path),
);

/**
 * A request made of the examples of the description. `ids` replaces IDs that the examples have by
 * others, wherever they stand.
 */
export function sampleOf(operation: Operation, ids: Record<string, string> = {}): Sample {
  const { method, path, parameters = [], requestBody } = operation;
  const replace = (text: string) =>
    Object.entries(ids).reduce((all, [from, to]) => all.replaceAll(from, to), text);
  const valuesIn = (place: Parameter['in']) =>
    parameters.filter((one) => one.in === place && (one.required === true || place === 'path'));
  const filled = valuesIn('path').reduce(
    (all, parameter) => all.replace(`{${parameter.name}}`, String(exampleOf(parameter))),
    path,
  );
  const query = new URLSearchParams(
    valuesIn('query').map((parameter): [string, string] => [
      parameter.name,
      String(exampleOf(parameter)),
    ]),
  );
  const [example] = Object.values(requestBody?.content['application/json']?.examples ?? {});
  return {
    method,
    path: replace(query.size === 0 ? filled : `${filled}?${query.toString()}`),
    headers: Object.fromEntries(
      valuesIn('header').map(({ name }) => [name, `key-of-${operation.operationId}`]),
    ),
    body: example === undefined ? undefined : JSON.parse(replace(JSON.stringify(example.value))),
  };
}

/** Headers of keys and signatures have no example: nobody is to send the same. */
function exampleOf({ name, example, schema }: Parameter): unknown {
  const value = example ?? schema.example ?? (schema.examples as unknown[] | undefined)?.[0];
  if (value === undefined) throw new Error(`The document has no example of ${name}`);
  return value;
}
