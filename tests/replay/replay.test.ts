import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Worker } from '@temporalio/worker';
import { parseHistory } from './recorded';
import { testDataConverter } from '../support/encryption';
import { quietRuntime, STARTING_MS } from '../support/shop';
import { workflowBundle } from '../support/workflow-bundle';

/** Recorded by `npm run record-histories`, from real bookings of every kind. */
const FOLDER = path.join(__dirname, 'histories');
const STORIES = readdirSync(FOLDER).map((file) => path.parse(file).name);

beforeAll(quietRuntime);

test.each(STORIES)(
  'a booking under way survives a deployment of these workflows: %s',
  async (story) => {
    expect(await replay(story, await workflowBundle())).toBeUndefined();
  },
  STARTING_MS,
);

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

/** Runs a recorded workflow again on the given code; answers what went wrong, if anything. */
async function replay(story: string, bundle: { codePath: string }): Promise<Error | undefined> {
  const history = parseHistory(readFileSync(path.join(FOLDER, `${story}.json`), 'utf8'));
  const results = Worker.runReplayHistories(
    { workflowBundle: bundle, dataConverter: testDataConverter },
    [{ workflowId: story, history }],
  );
  for await (const { error } of results) return error;
  throw new Error(`Bug: ${story} was not replayed`);
}
