import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi';
import { LocalProblem, OPERATIONS, type LocalOperation } from './contract';

const ABOUT =
  'What the local stack lets its console do. It is on one address of this machine, answers the ' +
  'page of that address alone, and is part of no release. The API has a description of its own.';

/** What any control may refuse for. */
const ALWAYS = {
  403: 'The request does not come from the page of this address, or lacks the secret of this start.',
  500: 'The stack failed.',
};

/** Returns the description of the local stack's controls (OpenAPI 3.1), by the schemas that they use. */
export function localDocument() {
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Local stack', version: '1', description: ABOUT },
    servers: [{ url: '/', description: 'The address of the console on the local stack.' }],
    components: {
      securitySchemes: {
        secret: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Local-Secret',
          description: 'What `GET /local/session` tells.',
        },
      },
    },
    paths: Object.entries(OPERATIONS).reduce<ZodOpenApiPathsObject>((paths, [name, operation]) => {
      const [method = '', path = ''] = name.split(' ');
      return { ...paths, [path]: { ...paths[path], [method.toLowerCase()]: described(operation) } };
    }, {}),
  });
}

function described({
  summary,
  description,
  isGuarded,
  body,
  good,
  refusals,
}: LocalOperation): ZodOpenApiOperationObject {
  const refused = Object.entries({ ...ALWAYS, ...refusals }).map(([status, why]) => {
    const content = { 'application/problem+json': { schema: LocalProblem } };
    return [status, { description: why, content }] as const;
  });
  return {
    summary,
    description,
    security: isGuarded ? [{ secret: [] }] : [],
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: body } } },
    }),
    responses: {
      [good.status]: {
        description: good.description,
        content: { 'application/json': { schema: good.schema } },
      },
      ...Object.fromEntries(refused),
    },
  };
}
