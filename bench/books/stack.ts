import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { resolveProgram } from '../../scripts/stack/binaries';
import { takeLock } from '../../scripts/stack/lock';
import { ourService } from '../../scripts/stack/our-services';
import { openCluster } from '../../scripts/stack/postgres-cluster';
import { TEMPORAL_CLI } from '../../scripts/stack/programs';
import { childEnvironment, type Running } from '../../scripts/stack/running';
import type { Shutdown } from '../../scripts/stack/shutdown';
import { goods, postgres, takeSteps, type Start } from '../../scripts/stack/steps';
import { Supervised } from '../../scripts/stack/supervised';
import { hasWorkers, temporalService } from '../../scripts/stack/temporal-service';
import { planFolder } from '../fill/folder';
import { countStatements } from '../lab/lab';

/** A stack without an API, on a folder, and how to run commands on it. */
export interface BooksStack {
  commands: NodeJS.ProcessEnv;
  /** As the owner of the tables. */
  databaseUrl: string;
  workerPid: () => number;
}

/** Starts what the commands need: PostgreSQL, Temporal's dev server, and a worker. */
export async function startBooks(folder: string, shutdown: Shutdown): Promise<BooksStack> {
  const running = await planFolder(folder);
  const { settings, temporalAddress: address } = running;
  const { dataDir, runDir, temporalNamespace: namespace, taskQueue } = settings;
  takeLock(runDir, 'books.ts');
  // Workflows of an earlier run would be part of what is measured.
  rmSync(path.join(dataDir, 'temporal'), { recursive: true, force: true });
  const start: Start = async (service) => {
    const part = new Supervised(service, runDir, () => undefined);
    shutdown.parts.push(part);
    await part.start();
  };
  const isServed = () => hasWorkers({ connection: { address }, namespace, taskQueue });
  const env = { ...childEnvironment('worker', running, process.env), LOG_LEVEL: 'error' };
  const counting = async () => {
    const data = path.join(dataDir, 'postgres');
    countStatements(await openCluster(data, running.secrets.postgresPassword));
  };
  await takeSteps([
    { title: 'Data', task: counting },
    postgres(running, start),
    {
      title: "Temporal's dev server",
      task: async () => {
        const cli = await resolveProgram(TEMPORAL_CLI);
        await start(temporalService(cli, address, settings.temporalUiPort, settings));
      },
    },
    ...goods(running),
    { title: 'Worker', task: () => start(ourService('worker', 'worker', env, runDir, isServed)) },
  ]);
  return {
    commands: commandEnvironment(running, env),
    databaseUrl: running.databaseUrl,
    workerPid: () => Number(readFileSync(path.join(runDir, 'worker.pid'), 'utf8')),
  };
}

/** The command line reads everything as the owner of the tables. */
function commandEnvironment({ databaseUrl }: Running, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, DATABASE_URL: databaseUrl };
}
