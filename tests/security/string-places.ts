import type { Operation, Sample } from './operations';
import { openApiDocument } from '../../src/api/openapi/document';

/** Where in the requests of an operation a client may write text: as its description says. */

interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}

/** A place for text in a request, by its name, and how to write it there. */
export interface StringPlace {
  name: string;
  isHeader: boolean;
  write(sample: Sample, text: string): Sample;
}

const { components } = openApiDocument() as unknown as {
  components: { schemas: Record<string, Schema> };
};

export function stringPlacesOf(operation: Operation): StringPlace[] {
  const { path, parameters = [], requestBody } = operation;
  const ofParameters = parameters.map(({ name, in: place }): StringPlace => {
    switch (place) {
      case 'path': {
        const index = path.split('/').indexOf(`{${name}}`);
        return {
          name: `{${name}}`,
          isHeader: false,
          write: (sample, text) => ({ ...sample, path: withPart(sample.path, index, text) }),
        };
      }
      case 'query':
        return {
          name: `?${name}`,
          isHeader: false,
          write: (sample, text) => ({ ...sample, path: withQuery(sample.path, name, text) }),
        };
      case 'header':
        return {
          name: `${name}:`,
          isHeader: true,
          write: (sample, text) => ({
            ...sample,
            // Nothing else can be sent as a header.
            headers: { ...sample.headers, [name]: encodeURI(wellFormed(text)) },
          }),
        };
      default:
        throw new Error(`A parameter in ${String(place satisfies never)}`);
    }
  });
  const body = requestBody?.content['application/json']?.schema ?? {};
  const ofBody = pointersIn(body as Schema).map((pointer) => ({
    name: `/${pointer.join('/')}`,
    isHeader: false,
    write: (sample: Sample, text: string) => ({
      ...sample,
      body: withText(sample.body, pointer, text),
    }),
  }));
  return [...ofParameters, ...ofBody];
}

/** URLs have no halves of surrogate pairs. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Cs}/gu, '\ufffd');
}

function withPart(path: string, index: number, text: string): string {
  const [before = '', query] = path.split('?');
  const parts = before.split('/');
  parts[index] = encodeURIComponent(wellFormed(text));
  return [parts.join('/'), ...(query === undefined ? [] : [query])].join('?');
}

function withQuery(path: string, name: string, text: string): string {
  const [before = '', query] = path.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set(name, text);
  return `${before}?${parameters.toString()}`;
}

/** The pointers of all texts of a schema; a list has one item, a record one key. */
function pointersIn(schema: Schema): string[][] {
  if (schema.$ref !== undefined)
    return pointersIn(components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  const alternatives = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((all) => all ?? []);
  const within = (name: string, inner: Schema) =>
    pointersIn(inner).map((pointer) => [name, ...pointer]);
  const { additionalProperties: more } = schema;
  return unique([
    ...([schema.type].flat().includes('string') ? [[]] : []),
    ...alternatives.flatMap(pointersIn),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => within(name, inner)),
    ...(schema.items === undefined ? [] : within('0', schema.items)),
    ...(typeof more === 'object' ? within('anything', more) : []),
  ]);
}

function unique(pointers: string[][]): string[][] {
  return [...new Map(pointers.map((pointer) => [pointer.join('/'), pointer])).values()];
}

function withText(body: unknown, [name, ...rest]: string[], text: string): unknown {
  if (name === undefined) return text;
  if (/^\d+$/.test(name)) {
    const [, ...others] = Array.isArray(body) ? (body as unknown[]) : [];
    const [first] = Array.isArray(body) ? (body as unknown[]) : [];
    return [withText(first, rest, text), ...others];
  }
  const object = typeof body === 'object' && body !== null ? body : {};
  return { ...object, [name]: withText((object as Record<string, unknown>)[name], rest, text) };
}
