import { randomUUID } from 'node:crypto';
import { temporal } from '@temporalio/proto';
import type { Payload } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { EncryptionKeys } from '../../src/config';
import { createEncryptionCodec } from '../../src/temporal/encryption/codec';
import { createWorkerDataConverter } from '../../src/temporal/encryption/data-converter';
import { encryptionKey, TEST_KEY, testCodec } from './encryption';

const Stage = temporal.api.enums.v1.UpdateWorkflowExecutionLifecycleStage;

/** What anyone who can reach Temporal may send, with whatever client: any bytes under any name. */

export function payload(encoding: string, data?: string | Buffer): Payload {
  return {
    metadata: { encoding: Buffer.from(encoding) },
    ...(data === undefined ? {} : { data: Buffer.from(data) }),
  };
}

export const json = (value: unknown) => payload('json/plain', JSON.stringify(value));

const BAD_JSON = payload('json/plain', '{bad');

/** A key that tests' workers don't have, unless one is given it. */
const FOREIGN_KEY = encryptionKey('foreign');

/** Encrypts with it. */
export const foreignCodec = createEncryptionCodec(EncryptionKeys.parse(FOREIGN_KEY));

/** What a worker has that knows both keys. */
export const bothKeysDataConverter = createWorkerDataConverter(
  createEncryptionCodec(EncryptionKeys.parse(`${TEST_KEY},${FOREIGN_KEY}`)),
);

async function encrypted(content: Payload, change: (made: Payload) => Payload): Promise<Payload> {
  const [made = {}] = await testCodec.encode([content]);
  return change(made);
}

/** Every way to be undecodable: arguments as they are sent. */
export const UNDECODABLE: Record<string, (content: Payload) => Promise<Payload[]> | Payload[]> = {
  'bad JSON': () => [BAD_JSON],
  'cut JSON': ({ data }) => [payload('json/plain', Buffer.from(data ?? []).subarray(0, -1))],
  'no JSON': () => [payload('json/plain', '')],
  'JSON without data': () => [payload('json/plain')],
  'JSON that is no UTF-8': () => [payload('json/plain', Buffer.from([0x22, 0xff, 0xc0, 0x7b]))],
  'too many brackets': () => [payload('json/plain', '['.repeat(100_000))],
  'sixty thousand brackets': () => [payload('json/plain', '['.repeat(60_000))],
  'an unknown encoding': ({ data }) => [payload('application/x-nothing', Buffer.from(data ?? []))],
  'protobuf in JSON': ({ data }) => [payload('json/protobuf', Buffer.from(data ?? []))],
  'an encoding of bytes': () => [
    { metadata: { encoding: Buffer.from([0xff, 0, 0x80]) }, data: Buffer.from('{}') },
  ],
  'an endless encoding': () => [payload('x'.repeat(70_000), '{}')],
  'no encoding': ({ data }) => [{ metadata: {}, data: Buffer.from(data ?? []) }],
  'an empty payload': () => [{}],
  'an unknown key': async (content) => foreignCodec.encode([content]),
  'no key': (content) => [payload('binary/encrypted', Buffer.from(content.data ?? []))],
  'encryption without data': async (content) => [
    await encrypted(content, ({ metadata }) => ({ metadata: metadata ?? {} })),
  ],
  'encryption cut off': async (content) => [
    await encrypted(content, (made) => ({ ...made, data: made.data?.subarray(0, 20) ?? null })),
  ],
  'encryption tampered with': async (content) => [
    await encrypted(content, (made) => {
      const data = Buffer.from(made.data ?? []);
      data[20] = (data[20] ?? 0) ^ 1;
      return { ...made, data };
    }),
  ],
  'bad JSON, encrypted': async () => [await encrypted(BAD_JSON, (made) => made)],
  'encrypted twice': async (content) => testCodec.encode(await testCodec.encode([content])),
  'a second argument that is bad': (content) => [content, BAD_JSON],
  'an argument too many': (content) => [content, json(null)],
  'ten thousand arguments': (content) => [content, ...Array<Payload>(10_000).fill({})],
};

/** Every way to be decodable and still not what a message takes. */
export const MISSHAPEN: Record<string, Payload[]> = {
  'nothing at all': [],
  nothing: [payload('binary/null')],
  null: [json(null)],
  'a text': [json('please')],
  'a number': [json(1)],
  'a huge number': [payload('json/plain', `1${'0'.repeat(400)}`)],
  'a list': [json([])],
  'an empty object': [json({})],
  'too many bytes': [payload('binary/plain', Buffer.alloc(100_000))],
  'a prototype': [payload('json/plain', '{"__proto__":{"amount":12000},"constructor":null}')],
  'deep nothing': [payload('json/plain', `${'['.repeat(30_000)}null${']'.repeat(30_000)}`)],
  'very deep nothing': [payload('json/plain', `${'['.repeat(40_000)}null${']'.repeat(40_000)}`)],
};

/**
 * Sends through Temporal's own service, below the SDK's client, which would encode the arguments
 * itself.
 */
export function rawMessages({ client }: { client: Client }, workflowId: string) {
  const workflowExecution = { workflowId };
  const { namespace } = client.options;
  const { workflowService } = client;
  const identity = 'someone';
  return {
    async signal(signalName: string, payloads: Payload[]): Promise<void> {
      const input = { payloads };
      const requestId = randomUUID();
      await workflowService.signalWorkflowExecution({
        namespace,
        workflowExecution,
        signalName,
        input,
        requestId,
        identity,
      });
    },
    /** Returns what it was refused with; null when it was not. */
    async update(name: string, payloads: Payload[]) {
      const { outcome } = await workflowService.updateWorkflowExecution({
        namespace,
        workflowExecution,
        waitPolicy: { lifecycleStage: Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED },
        request: {
          meta: { updateId: randomUUID(), identity },
          input: { name, args: { payloads } },
        },
      });
      return outcome?.failure ?? null;
    },
    /** Returns the answer, decoded. */
    async query(queryType: string, payloads: Payload[]): Promise<unknown> {
      const { queryResult } = await workflowService.queryWorkflow({
        namespace,
        execution: workflowExecution,
        query: { queryType, queryArgs: { payloads } },
      });
      const [answer = {}] = await testCodec.decode(queryResult?.payloads ?? []);
      return JSON.parse(Buffer.from(answer.data ?? []).toString());
    },
    /** Starts it; `memo` is what someone puts beside it. */
    async start(
      workflowType: string,
      payloads: Payload[],
      { memo, taskQueue = 'bookings' }: { memo?: Payload; taskQueue?: string } = {},
    ): Promise<void> {
      await workflowService.startWorkflowExecution({
        namespace,
        workflowId,
        requestId: randomUUID(),
        identity,
        workflowType: { name: workflowType },
        taskQueue: { name: taskQueue },
        input: { payloads },
        ...(memo === undefined ? {} : { memo: { fields: { memo } } }),
      });
    },
    /** Why its tasks failed, as far as they did. */
    /**
     * Workflow tasks that a worker failed: not those that the server ends early, to let in a flood.
     */
    async failedTasks() {
      const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
      const failed = (events ?? []).flatMap(
        (event) => event.workflowTaskFailedEventAttributes ?? [],
      );
      return failed.filter(({ identity }) => identity !== 'history-service');
    },
  };
}
