import { randomUUID } from 'node:crypto';

/** A request of a `.http` file as it is printed there, before its variables have values. */
export interface PrintedRequest {
  title: string;
  /** What later requests call its answer. */
  name: string | undefined;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
}

export interface HttpFile {
  variables: Record<string, string>;
  requests: PrintedRequest[];
}

/** Reads the format of VS Code's REST Client, as far as docs/api.http uses it. */
export function readHttpFile(text: string): HttpFile {
  const [head = '', ...blocks] = text.split(/^### */m);
  const variables = [...head.matchAll(/^@(\w+) *= *(.+)$/gm)];
  return {
    variables: Object.fromEntries(variables.map(([, name = '', value = '']) => [name, value])),
    requests: blocks.map(readRequest),
  };
}

function readRequest(block: string): PrintedRequest {
  const [title = '', ...lines] = block.split('\n');
  const name = lines.map((line) => /^# @name (\w+)$/.exec(line)?.[1]).find(Boolean);
  const written = lines.filter((line) => !line.startsWith('#'));
  const end = written.findIndex((line) => line.trim() === '');
  const [request = '', ...headers] = written.slice(0, end);
  const [, method, url] = /^([A-Z]+) (\S.*)$/.exec(request) ?? [];
  if (method === undefined || url === undefined)
    throw new Error(`"${title}" has no request line but: ${request}`);
  const body = written.slice(end).join('\n').trim();
  return {
    title,
    name,
    method,
    url,
    headers: Object.fromEntries(headers.map(readHeader)),
    body: body === '' ? undefined : body,
  };
}

function readHeader(line: string): [string, string] {
  const [, name, value] = /^([\w-]+): (.+)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`This is no header: ${line}`);
  return [name, value];
}

/** What variables may refer to: the file's own, the environment, and answers by their names. */
export interface Values {
  variables: Record<string, string>;
  env: Record<string, string>;
  answers: Record<string, unknown>;
}

/** Gives every `{{variable}}` its value. */
export function fillIn(text: string, values: Values): string {
  return text.replaceAll(/\{\{(.+?)\}\}/g, (_, variable: string) => valueOf(variable, values));
}

function valueOf(variable: string, values: Values): string {
  const own = values.variables[variable];
  if (own !== undefined) return fillIn(own, values);
  if (variable === '$guid') return randomUUID();
  const [, format = '', days] = /^\$datetime '(YYYY-MM(?:-DD)?)' (\d+) d$/.exec(variable) ?? [];
  if (days !== undefined)
    return new Date(Date.now() + Number(days) * 86_400_000).toISOString().slice(0, format.length);
  const [, name] = /^\$processEnv (\w+)$/.exec(variable) ?? [];
  if (name !== undefined) return known(values.env[name], variable);
  const [, answer = '', path = ''] = /^(\w+)\.response\.body\.\$\.(.+)$/.exec(variable) ?? [];
  const field = path
    .split(/[.[\]]+/)
    .filter(Boolean)
    .reduce<unknown>(
      (value, key) => (value as Record<string, unknown> | undefined)?.[key],
      values.answers[answer],
    );
  return known(field, variable);
}

function known(value: unknown, variable: string): string {
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new Error(`{{${variable}}} has no value`);
  return String(value);
}
