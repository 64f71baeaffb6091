import { TestWorkflowEnvironment } from '@temporalio/testing';
import { resolveProgram } from '../../scripts/stack/binaries';
import { TEMPORAL_CLI, TEMPORAL_TEST_SERVER, type Program } from '../../scripts/stack/programs';
import { searchAttributeArguments } from '../../scripts/stack/search-attributes';
import { testDataConverter } from './encryption';

/** Of every environment's client. */
const CLIENT = { dataConverter: testDataConverter };

/**
 * A server that skips waiting time, for what happens at deadlines. It has no search attributes,
 * lists, schedules or reset. Time is one for the whole environment: one environment a suite, one
 * workflow after another.
 */
export async function timeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  return await TestWorkflowEnvironment.createTimeSkipping({
    client: CLIENT,
    server: { executable: await executable(TEMPORAL_TEST_SERVER) },
  });
}

/**
 * A deletion waits until these queues have noted how far they are, which they do twice a minute by
 * default: too seldom for tests of what happens once Temporal has forgotten a workflow.
 */
const QUICK_TO_FORGET = ['transfer', 'visibility'].flatMap((queue) => [
  '--dynamic-config-value',
  `history.${queue}ProcessorUpdateAckInterval="1s"`,
]);

/**
 * The dev server with our search attributes registered, in memory: for everything but time.
 * `settings` are dynamic configuration values.
 */
export async function devServerEnvironment(
  settings: Record<string, number> = {},
): Promise<TestWorkflowEnvironment> {
  const dynamic = Object.entries(settings).flatMap(([name, value]) => [
    '--dynamic-config-value',
    `${name}=${value}`,
  ]);
  return await TestWorkflowEnvironment.createLocal({
    client: CLIENT,
    server: {
      executable: await executable(TEMPORAL_CLI),
      extraArgs: [...searchAttributeArguments(), ...QUICK_TO_FORGET, ...dynamic],
      log: { format: 'pretty', level: 'error' },
    },
  });
}

async function executable(program: Program) {
  return { type: 'existing-path' as const, path: await resolveProgram(program) };
}
