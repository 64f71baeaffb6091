import path from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { resolveProgram } from '../../scripts/stack/binaries';
import { TEMPORAL_CLI } from '../../scripts/stack/programs';
import { SEARCH_ATTRIBUTES } from '../../scripts/stack/search-attributes';
import { run } from './tools';

/** docker/temporal/setup.sh, run by hand of the same CLI as in the container, on a server that knows nothing of us. */

let cli: string;
let temporal: TestWorkflowEnvironment;

beforeAll(async () => {
  cli = await resolveProgram(TEMPORAL_CLI);
  temporal = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path: cli } },
  });
});

afterAll(() => temporal.teardown());

test('a server gets the namespace and the search attributes, and takes them a second time', async () => {
  for (const time of ['first', 'second']) {
    const { exitCode, stderr } = run('sh', ['docker/temporal/setup.sh'], {
      env: {
        PATH: `${path.dirname(cli)}:${process.env.PATH ?? ''}`,
        TEMPORAL_ADDRESS: temporal.address,
        TEMPORAL_NAMESPACE: 'sales',
        TEMPORAL_RETENTION: '72h',
      },
    });
    expect({ time, exitCode, stderr }).toMatchObject({ exitCode: 0 });
  }
  const { customAttributes } = await temporal.connection.operatorService.listSearchAttributes({
    namespace: 'sales',
  });
  expect(Object.keys(customAttributes)).toEqual(
    expect.arrayContaining(Object.keys(SEARCH_ATTRIBUTES)),
  );
});
