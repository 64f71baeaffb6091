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

test.each(STORIES)(
  'a booking under way survives a deployment of these workflows: %s',
  async (story) => {
    expect(await replay(story, await workflowBundle())).toBeUndefined();
  },
  STARTING_MS,
);

test.each(STORIES.filter((story) => !ENDLESS.includes(story)))(
  'a booking under way survives that traces are turned on, off, or are nonsense: %s',
  async (story) => {
    const bundle = await workflowBundle();
    const told: WorkflowSpan[] = [];
    const tell = (span: WorkflowSpan) => told.push(span);
    expect(await replay(story, bundle, { change: traced('nonsense'), tell })).toBeUndefined();
    expect(told).toEqual([]);
    expect(await replay(story, bundle, { change: traced(SOMEONES_TRACE), tell })).toBeUndefined();
    expect(told.map(({ place }) => place)).toContainEqual({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      isSampled: true,
    });
  },
  STARTING_MS,
);

const SOMEONES_TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test(
  'a change that bookings under way would not survive is found out',
  async () => {
    const faulty = await workflowBundle(path.join(__dirname, 'faulty-workflow.ts'));
    for (const story of STORIES) {
      expect(await replay(story, faulty)).toMatchObject({ name: 'DeterminismViolationError' });
    }
  },
  STARTING_MS,
);

interface Circumstances {
  /** What is otherwise than it was recorded. */
  change?: (history: unknown) => unknown;
  /** Hears what the workflow tells of itself. */
  tell?: (span: WorkflowSpan) => void;
}

/** Runs a recorded workflow again on the given code; returns what went wrong, if anything. */
async function replay(
  story: string,
  workflowBundle: { codePath: string },
  { change = (history) => history, tell = () => undefined }: Circumstances = {},
): Promise<Error | undefined> {
  const history = change(recordedHistory(story));
  const sinks: InjectedSinks<TraceSinks> = {
    traces: { tell: { fn: (_workflow, span) => tell(span), callDuringReplay: true } },
  };
  const results = Worker.runReplayHistories(
    { workflowBundle, dataConverter: testWorkerDataConverter, sinks },
    [{ workflowId: story, history }],
  );
  for await (const { error } of results) return error;
  throw new Error(`Bug: ${story} was not replayed`);
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
