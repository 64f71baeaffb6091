import type { components, paths } from './schema.ts';
import type { Intent } from './intent.ts';

/** The shapes of the API by their names: `Schemas['Booking']`. */
export type Schemas = components['schemas'];

/** What a refusal says: RFC 9457, with a `code`, and with `retry`. */
export type Problem = Schemas['Problem'];
export type ProblemCode = Problem['code'];

export type Method = 'get' | 'post' | 'patch' | 'delete';

/** A stream has no end to wait for: it is for `EventSource`. */
interface Stream {
  200: { content: { 'text/event-stream': unknown } };
}

type PathWith<M extends Method> = {
  [Path in keyof paths]: paths[Path] extends Record<M, { responses: infer Responses }>
    ? Responses extends Stream
      ? never
      : Path
    : never;
}[keyof paths];

type RequiredKeys<T> = {
  [Key in keyof T]-?: object extends Pick<T, Key> ? never : Key;
}[keyof T];

type Params<Operation> = Operation extends { parameters: infer Parameters }
  ? [RequiredKeys<Parameters>] extends [never]
    ? { params?: Parameters }
    : { params: Parameters }
  : object;

interface Json<Value> {
  content: { 'application/json': Value };
}

type Body<Operation> = Operation extends { requestBody: Json<infer Value> }
  ? { body: Value }
  : Operation extends { requestBody?: infer Wanted }
    ? Exclude<Wanted, undefined> extends Json<infer Value>
      ? { body?: Value }
      : { body?: never }
    : object;

/** Only operations that take a key have an intent. */
type Wanted<Operation> = Operation extends { parameters: { header?: infer Header } }
  ? [Exclude<Header, undefined>] extends [never]
    ? { intent?: never }
    : 'x-idempotency-key' extends keyof Exclude<Header, undefined>
      ? { intent?: Intent }
      : { intent?: never }
  : { intent?: never };

/** What goes with every request. */
interface Always {
  /** Ends the request and its retries; what was begun may still take effect. */
  signal?: AbortSignal;
  /** Such as `x-request-id`. */
  headers?: Record<string, string>;
}

type Options<Operation> = Params<Operation> & Body<Operation> & Wanted<Operation> & Always;

type ContentOf<Answer> = Answer extends { content: infer Content }
  ? Content[keyof Content]
  : undefined;

type GoodStatus = 200 | 201 | 202 | 204;

/** `data` of a good status, or `error` of another; the status tells which they are. */
type AnswerOf<Status, Answer> = Status extends GoodStatus
  ? { status: Status; data: ContentOf<Answer>; error?: never; response: Response }
  : { status: Status; data?: never; error: ContentOf<Answer>; response: Response };

/** What an operation may answer. 304 is between the API and a cache. */
type AnswersOf<Responses> = {
  [Status in Exclude<keyof Responses, 304>]: AnswerOf<Status, Responses[Status]>;
}[Exclude<keyof Responses, 304>];

type Call<M extends Method> = <Path extends PathWith<M>>(
  path: Path,
  ...options: [RequiredKeys<Options<paths[Path][M]>>] extends [never]
    ? [Options<paths[Path][M]>?]
    : [Options<paths[Path][M]>]
) => Promise<paths[Path][M] extends { responses: infer Responses } ? AnswersOf<Responses> : never>;

/** The API's operations by method and path, typed by what each may answer. */
export type FlightBookings = { [M in Method as Uppercase<M>]: Call<M> };
