import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Worker, type InjectedSinks } from '@temporalio/worker';
import { parseHistory } from '../../src/cli/gate/recorded-history';
import * as workflows from '../../src/workflows';
import type { TraceSinks, WorkflowSpan } from '../../src/telemetry/tracing/workflow-interceptors';
import { testWorkerDataConverter } from '../support/encryption';
import { quietRuntime, STARTING_MS } from '../support/shop';
import { workflowBundle } from '../support/workflow-bundle';
import { traced } from './traced';

/** Recorded by `npm run record-histories`, from real bookings of every kind. */
const FOLDER = path.join(__dirname, 'histories');
const STORIES = readdirSync(FOLDER).map((file) => path.parse(file).name);

/** What runs for ever has told nothing of itself yet. */
const ENDLESS = ['mails-sent', 'outgoing-events'];

beforeAll(quietRuntime);

test('of every kind of workflow a history is recorded', () => {
  const recorded = STORIES.map((story) => kindOf(recordedHistory(story)));
  expect([...new Set(recorded)].sort()).toEqual(Object.keys(workflows).sort());
});
const asRecorded = replays(() => workflowBundle());
const withNonsense = replays(() => workflowBundle(), traced('nonsense'));
const withSomeonesTrace = replays(
  () => workflowBundle(),
  traced('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
);
const onFaultyWorkflows = replays(() => workflowBundle(path.join(__dirname, 'faulty-workflow.ts')));

test.each(STORIES)(
  'a booking under way survives a deployment of these workflows: %s',
  async (story) => {
    expect((await asRecorded(story)).error).toBeUndefined();
  },
  STARTING_MS,
);

test.each(STORIES.filter((story) => !ENDLESS.includes(story)))(
  'a booking under way survives that traces are turned on, off, or are nonsense: %s',
  async (story) => {
    expect(await withNonsense(story)).toEqual({ error: undefined, told: [] });
    const { error, told } = await withSomeonesTrace(story);
    expect(error).toBeUndefined();
    expect(told.map(({ place }) => place)).toContainEqual({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      isSampled: true,
    });
  },
  STARTING_MS,
);

test(
  'a change that bookings under way would not survive is found out',
  async () => {
    for (const story of STORIES) {
      const { error } = await onFaultyWorkflows(story);
      expect({ story, error }).toMatchObject({ error: { name: 'DeterminismViolationError' } });
    }
  },
  STARTING_MS,
);

interface Replayed {
  /** What went wrong, if anything. */
  error: Error | undefined;
  /** What the workflow told of itself. */
  told: WorkflowSpan[];
}

/**
 * Runs the recorded workflows again on the given code, all of them on one worker, when the first of
 * them is asked for. `change` is what is otherwise than it was recorded.
 */
function replays(
  bundle: () => Promise<{ codePath: string }>,
  change = (history: unknown) => history,
): (story: string) => Promise<Replayed> {
  let all: Promise<Map<string, Replayed>> | undefined;
  return async (story) => {
    const replayed = (await (all ??= replayAll(await bundle(), change))).get(story);
    if (replayed === undefined) throw new Error(`Bug: ${story} was not replayed`);
    return replayed;
  };
}

async function replayAll(
  workflowBundle: { codePath: string },
  change: (history: unknown) => unknown,
): Promise<Map<string, Replayed>> {
  const told = new Map<string, WorkflowSpan[]>(STORIES.map((story) => [story, []]));
  const sinks: InjectedSinks<TraceSinks> = {
    traces: {
      tell: {
        fn: ({ workflowId }, span) => void told.get(workflowId)?.push(span),
        callDuringReplay: true,
      },
    },
  };
  const results = Worker.runReplayHistories(
    { workflowBundle, dataConverter: testWorkerDataConverter, sinks },
    STORIES.map((story) => {
      return { workflowId: story, history: change(recordedHistory(story)) };
    }),
  );
  const all = new Map<string, Replayed>();
  for await (const { workflowId, error } of results)
    all.set(workflowId, { error, told: told.get(workflowId) ?? [] });
  return all;
}

function recordedHistory(story: string): unknown {
  return parseHistory(readFileSync(path.join(FOLDER, `${story}.json`), 'utf8'));
}

interface History {
  events: { workflowExecutionStartedEventAttributes?: { workflowType: { name: string } } }[];
}

function kindOf(history: unknown): string | undefined {
  return (history as History).events[0]?.workflowExecutionStartedEventAttributes?.workflowType.name;
}
