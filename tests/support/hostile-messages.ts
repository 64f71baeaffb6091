import type { Payload } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { json, MISSHAPEN, rawMessages, UNDECODABLE } from './raw-messages';

/**
 * Every message that a workflow knows, in every way to be no good. Which ones it knows is asked of
 * the workflow itself: a message that is new is sent too, and its test fails until it is told what
 * a good one holds.
 */

/** What a good message of each name holds; null for one that takes nothing. */
export type Contents = Record<string, object | null>;

/** The SDK answers these for every workflow. */
export const QUERIES_OF_THE_SDK: Contents = {
  __stack_trace: null,
  __enhanced_stack_trace: null,
  __temporal_workflow_metadata: null,
};

const UNKNOWN = ['somethingUnknown', '__temporal_reserved'];

/** Temporal takes so many updates of a workflow at a time. */
const UPDATES_AT_ONCE = 8;
const SIGNALS_AT_ONCE = 40;

interface BadMessage {
  name: string;
  way: string;
  payloads: Payload[];
}

interface Metadata {
  definition: Record<'signalDefinitions' | 'updateDefinitions' | 'queryDefinitions', Defined[]>;
}

interface Defined {
  /** The handler of unknown names has none. */
  name?: string;
}

export function hostileMessages(
  env: TestWorkflowEnvironment,
  workflowId: string,
  contents: Contents,
) {
  const raw = rawMessages(env, workflowId);

  async function namesOf(kind: keyof Metadata['definition']): Promise<string[]> {
    const metadata = (await raw.query('__temporal_workflow_metadata', [])) as Partial<Metadata>;
    const defined = metadata.definition?.[kind] ?? [];
    return defined.flatMap(({ name }) => (name ? [name] : []));
  }

  async function badOnes(names: readonly string[]): Promise<BadMessage[]> {
    return (await Promise.all(names.map((name) => badMessages(name, contents)))).flat();
  }

  /** Nobody decodes what comes under a name that isn't known: one way is as good as another. */
  const unknownOnes = async () =>
    (await Promise.all(UNKNOWN.map((name) => badMessages(name, contents)))).flatMap(([one]) =>
      one === undefined ? [] : [one],
    );

  async function acceptedUpdates(): Promise<number> {
    const { events } = await env.client.workflow.getHandle(workflowId).fetchHistory();
    return (events ?? []).filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes)
      .length;
  }

  return {
    /** Sends every bad signal; returns the names of those that the workflow knows. */
    async signals(): Promise<string[]> {
      const known = await namesOf('signalDefinitions');
      const bad = await badOnes([...known, ...UNKNOWN]);
      await forEach(bad, SIGNALS_AT_ONCE, ({ name, payloads }) => raw.signal(name, payloads));
      return known;
    },

    /** Expects every bad update to be rejected, with the reason, and to leave no trace. */
    async updates(): Promise<string[]> {
      const known = await namesOf('updateDefinitions');
      const before = await acceptedUpdates();
      await forEach(await badOnes(known), UPDATES_AT_ONCE, async ({ name, way, payloads }) => {
        const failure = await raw.update(name, payloads);
        expect({ name, way, type: failure?.applicationFailureInfo?.type }).toEqual({
          name,
          way,
          type: 'validation_failed',
        });
        expect(failure?.message).toContain(name);
      });
      await forEach(await unknownOnes(), UPDATES_AT_ONCE, async ({ name, way, payloads }) => {
        expect({ name, way, failure: await raw.update(name, payloads) }).not.toMatchObject({
          failure: null,
        });
      });
      expect(await acceptedUpdates()).toBe(before);
      return known;
    },

    /** Expects every query to be answered as it is, whatever is asked along with it. */
    async queries(): Promise<string[]> {
      const known = await namesOf('queryDefinitions');
      for (const name of known) {
        const answer = typeof (await raw.query(name, []));
        for (const { way, payloads } of await badMessages(name, contents))
          expect({ name, way, answer: typeof (await raw.query(name, payloads)) }).toEqual({
            name,
            way,
            answer,
          });
      }
      for (const { name, payloads } of await unknownOnes())
        await expect(raw.query(name, payloads)).rejects.toThrow();
      return known;
    },

    async expectNoFailedTask(): Promise<void> {
      expect(await raw.failedTasks()).toEqual([]);
    },
  };
}

/** Every way to be no good, for one message. */
async function badMessages(name: string, contents: Contents): Promise<BadMessage[]> {
  const good = UNKNOWN.includes(name) ? {} : contents[name];
  if (good === undefined) throw new Error(`The test does not know what a good ${name} holds`);
  const undecodable = Object.entries(UNDECODABLE).map(async ([way, make]) => ({
    name,
    way,
    payloads: await make(json(good ?? {})),
  }));
  const misshapen = Object.entries(MISSHAPEN).map(([way, payloads]) => ({ name, way, payloads }));
  const bad = [...(await Promise.all(undecodable)), ...misshapen];
  // What takes nothing is no bad message when it gets nothing.
  return good === null ? bad.filter(({ payloads }) => payloads.length > 0) : bad;
}

/** Does the same for each, so many at a time. */
async function forEach<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
