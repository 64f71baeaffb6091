import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { temporal as protos } from '@temporalio/proto';
import { resolveProgram } from '../../scripts/stack/binaries';
import { runCommand, type CommandResult } from '../../scripts/stack/commands';
import { ourService } from '../../scripts/stack/our-services';
import { TEMPORAL_CLI } from '../../scripts/stack/programs';
import { ROOT } from '../../scripts/stack/settings';
import { Supervised } from '../../scripts/stack/supervised';
import { isPolling } from '../../scripts/stack/temporal-service';
import { waitUntil } from '../../src/cli/wait';
import { connect } from '../../src/db/connection';
import { auditWhenSettled } from '../reliability/settled-audit';
import { newShopper, required, type Shopper } from '../reliability/shopper';
import { newPlace, removePlace, startDevStack } from '../support/dev-stack';
import { TEST_KEY, testDataConverter } from '../support/encryption';
import { putFlightOnSale, type FlightOnSale } from '../support/flights';
import { PATIENCE_MS } from '../support/patience';

export type ClusterShop = Awaited<ReturnType<typeof openClusterShop>>;

/**
 * Long enough, on a slow machine too, to make 200 bookings, roll a release out and pay for half of
 * them; short enough for the rest to be waited for.
 */
export const PAYMENT_WINDOW_SECONDS = 240;

/** What the cluster's own workers are called. */
export const WORKERS = ['worker-1', 'worker-2'];
export const APIS = ['api-1', 'api-2'];

/** Ninety-nine rows of six. */
export const LARGEST = 594;

/** On Temporal's full server. */
const FAULTS_STAY_MS = 10_000;

const DEPLOYMENT = 'flight-bookings';

/** What Temporal calls routes that all partitions know. */
const ROUTING_COMPLETED =
  protos.api.enums.v1.RoutingConfigUpdateState.ROUTING_CONFIG_UPDATE_STATE_COMPLETED;

/**
 * The whole topology as `npm run dev:cluster` starts it, for those who break it, restart it and
 * roll out releases.
 */
export async function openClusterShop() {
  const place = await newPlace();
  const settings = {
    SCHEDULE_DAYS: '1',
    PAYMENT_WINDOW_SECONDS: String(PAYMENT_WINDOW_SECONDS),
    PAYLOAD_ENCRYPTION_KEYS: TEST_KEY,
    // A few customers hold and let go, and have cards declined, all the time.
    MAX_OPEN_HOLDS_PER_CUSTOMER: '1000',
    MAX_UNPAID_HOLDS_PER_FLIGHT: '1000000',
    MAX_UNPAID_HOLDS_PER_DAY: '1000000',
    MAX_DECLINES_PER_HOUR: '1000000',
    RATE_LIMIT_PER_MINUTE: '1000000',
  };
  const stack = await startDevStack(place, settings, 'dev:cluster');
  const cli = await resolveProgram(TEMPORAL_CLI);
  const db = connect(required(stack.env.DATABASE_URL), {
    applicationName: 'test',
    maxConnections: 10,
  });
  const address = required(stack.env.TEMPORAL_ADDRESS);
  const connection = Connection.lazy({ address });
  const temporal = new Client({ connection, dataConverter: testDataConverter });
  const runDir = path.join(place.dataDir, 'run');
  const queue = { connection: { address }, namespace: 'default', taskQueue: 'bookings' };
  const releases: Supervised[] = [];
  // Twice an hour it would be one more workflow under way.
  await temporal.schedule.getHandle('reconciliation').pause();
  const reconciling = "WorkflowType = 'reconciliationWorkflow' AND ExecutionStatus = 'Running'";
  await untilSeen('no reconciliation', async () => {
    return (await temporal.workflow.count(reconciling)).count === 0;
  });

  return {
    db,
    temporal,
    stack,
    runDir,

    flight: (seats: number): Promise<FlightOnSale> => putFlightOnSale(db, { seats }),

    /** Flights enough for any traffic; returns which one is next. */
    async flights(): Promise<() => FlightOnSale> {
      const flights: FlightOnSale[] = [];
      for (let count = 0; count < 5; count += 1)
        flights.push(await putFlightOnSale(db, { seats: LARGEST }));
      let turn = 0;
      return () => flights[turn++ % flights.length] as FlightOnSale;
    },

    /** A customer whom nobody has seen before. */
    shopper: (flight: FlightOnSale): Promise<Shopper> =>
      newShopper({ stack, db, temporal }, flight),

    /** Ends a part as an orchestrator does, and waits until its successor serves. */
    async restart(part: string): Promise<void> {
      const pid = stack.pidOf(part);
      const starts = countStarts(part);
      process.kill(pid, 'SIGTERM');
      await untilSeen(`${part} again`, async () => {
        if (stack.pidOf(part) === pid) return false;
        return WORKERS.includes(part)
          ? await isPolling(queue, String(stack.pidOf(part)))
          : countStarts(part) > starts;
      });
    },

    /**
     * Starts one more worker: of another build, with workflows of its own, or by another way to
     * Temporal. Returns how to kill it, after which it is started again, and how to end it.
     */
    async startWorker(
      buildId: string,
      { codePath }: { codePath: string },
      more: NodeJS.ProcessEnv = {},
    ) {
      const name = `worker-${buildId}`;
      const env = {
        ...process.env,
        ...stack.env,
        ...settings,
        NODE_ENV: undefined,
        JEST_WORKER_ID: undefined,
        LOG_DIR: path.join(place.dataDir, 'logs', buildId),
        WORKFLOW_BUNDLE: codePath,
        WORKER_BUILD_ID: buildId,
        ...more,
      };
      const service = ourService('worker', name, env, runDir, () =>
        isPolling(queue, String(stack.pidOf(name))),
      );
      const worker = new Supervised(service, runDir, () => undefined);
      releases.push(worker);
      await worker.start();
      return {
        name,
        stop: () => worker.stop(new AbortController().signal),
      };
    },

    /** Waits until a worker that is started again by itself asks Temporal for work. */
    untilPolling: (part: string, since: number) =>
      untilSeen(`${part} again`, async () => {
        const pid = stack.pidOf(part);
        return pid !== since && (await isPolling(queue, String(pid)));
      }),

    /** Makes a build the current one, by the script that Compose runs for it. */
    promote: (buildId: string): Promise<CommandResult> =>
      runCommand('sh', [path.join(ROOT, 'docker/temporal/promote.sh')], {
        timeoutMs: PATIENCE_MS,
        env: {
          PATH: [path.dirname(cli), process.env.PATH].join(path.delimiter),
          HOME: process.env.HOME,
          TEMPORAL_ADDRESS: address,
          TEMPORAL_NAMESPACE: 'default',
          WORKER_DEPLOYMENT_NAME: DEPLOYMENT,
          WORKER_BUILD_ID: buildId,
        },
      }),

    /**
     * Waits until each partition of the task queue knows the current build: until then some tasks
     * still go to the one before.
     */
    untilRouted: () =>
      untilSeen('routes that all partitions know', async () => {
        const { workerDeploymentInfo: deployment } =
          await connection.workflowService.describeWorkerDeployment({
            namespace: 'default',
            deploymentName: DEPLOYMENT,
          });
        return deployment?.routingConfigUpdateState === ROUTING_COMPLETED;
      }),

    /** Asks whether a build may be deployed. */
    gate: ({ codePath }: { codePath: string }): Promise<CommandResult> =>
      runCommand('npm', ['run', '--silent', 'gate', '--', '--bundle', codePath], {
        timeoutMs: 120_000,
        env: { ...process.env, DATA_DIR: place.dataDir, PAYLOAD_ENCRYPTION_KEYS: TEST_KEY },
      }),

    /** How many workflows of a build fit the query, as Temporal's list has it. */
    async countOn(buildId: string, query: string): Promise<number> {
      const version = `TemporalWorkerDeploymentVersion = '${DEPLOYMENT}:${buildId}'`;
      return (await temporal.workflow.count(`${version} AND ${query}`)).count;
    },

    audit: () => auditWhenSettled(db, temporal, FAULTS_STAY_MS),

    async close(): Promise<void> {
      const { signal: noHurry } = new AbortController();
      for (const worker of releases) await worker.stop(noHurry);
      await Promise.all([db.destroy(), connection.close()]);
      await stack.stop();
      removePlace(place);
    },
  };

  /** How often an API has said that it listens. */
  function countStarts(part: string): number {
    return stack
      .output()
      .split('\n')
      .filter((line) => line.startsWith(`${part} │`) && line.includes('The API is listening'))
      .length;
  }
}

/** Waits for something that must come. */
export async function untilSeen(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = PATIENCE_MS,
): Promise<void> {
  await waitUntil(condition, { timeoutMs, onTimeout: () => new Error(`Not seen: ${what}`) });
}
