import { accessSync, constants, mkdirSync } from 'node:fs';
import type { ListrTask } from 'listr2';
import { clusterSettings, planCluster } from './cluster/plan';
import { clusterSteps } from './cluster/steps';
import { lastLine } from './stack/commands';
import { buildConsole } from './stack/console-build';
import { StackConsole } from './stack/console';
import { openConsole } from './stack/console-door/open';
import { writeDevEnv } from './stack/dev-env';
import { describeError, StackFailure } from './stack/failure';
import { takeLock } from './stack/lock';
import { planMailbox } from './stack/mailbox/mailbox';
import { endOrphans } from './stack/orphans';
import { keepPort, portTrouble } from './stack/ports';
import { devEnv, planStack, type Running } from './stack/running';
import type { Service } from './stack/service';
import { localEnvironment, readSettings, type Settings, type StackPort } from './stack/settings';
import { Shutdown } from './stack/shutdown';
import { startingSteps, takeSteps, type Start } from './stack/steps';
import { Supervised } from './stack/supervised';
import { welcome } from './stack/welcome';

/** What is run: how it is set up, what that comes down to, and the way to it. */
interface Kind<R extends Running> {
  settings(env: NodeJS.ProcessEnv): Settings;
  plan(settings: Settings): R | Promise<R>;
  steps(running: R, start: Start): ListrTask[];
  /** Whether the console has an address of its own, with the stack's controls. */
  opensConsole: boolean;
}

/** One of each part, with Temporal's dev server. */
const stack: Kind<Running> = {
  settings: readSettings,
  plan: async (settings) => planStack(settings, await planMailbox(settings)),
  steps: startingSteps,
  opensConsole: true,
};

/**
 * What `docker-compose.yml` describes: Temporal's full server, and several of our own processes.
 */
const cluster = {
  settings: clusterSettings,
  plan: planCluster,
  steps: clusterSteps,
  opensConsole: false,
};

/**
 * The local stack, from an empty folder to `Ready`; it then stays, and keeps every part running
 * until it is told to stop.
 */
export async function dev(kind: 'stack' | 'cluster' = 'stack'): Promise<void> {
  // A reader that went away (`| head`, a closed terminal) is no reason to fail.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const shutdown = new Shutdown();
  shutdown.whenAsked();
  try {
    await (kind === 'cluster' ? start(cluster, shutdown) : start(stack, shutdown));
  } catch (error) {
    if (shutdown.begun) return;
    console.error(`\nThe local stack can't run. ${describeError(error)}`);
    if (error instanceof StackFailure && error.output !== '') console.error(error.output);
    if (process.env.DEBUG) console.error(error);
    await shutdown.endProcess(1);
  }
}

async function start<R extends Running>(kind: Kind<R>, shutdown: Shutdown): Promise<void> {
  const settings = kind.settings(localEnvironment());
  const { dataDir, runDir, logDir, ports } = settings;
  makeFolders(dataDir, [runDir, logDir]);
  takeLock(runDir);
  await endOrphans(dataDir, runDir);
  for (const port of ports) await refuseIfTaken(port);

  const running = await kind.plan(settings);
  const stackConsole = new StackConsole();
  const startPart = async (service: Service) => {
    const part = new Supervised(service, runDir, stackConsole.say);
    shutdown.parts.push(part);
    await part.start();
  };
  await takeSteps(kind.steps(running, startPart));

  writeDevEnv(runDir, devEnv(running));
  const consoleUrl = kind.opensConsole ? await openConsole(running) : undefined;
  console.log(await welcome(running, consoleUrl));
  console.log('Ready');
  stackConsole.open();
  void showConsole(stackConsole);
}

/**
 * Has the console's page built beside a stack that serves already: nobody waits for it. A failure is
 * told, and no more.
 */
async function showConsole({ say }: StackConsole): Promise<void> {
  try {
    if (await buildConsole()) say('dev', 'The console is built');
  } catch (error) {
    say('dev', describeError(error));
    if (error instanceof StackFailure) say('dev', lastLine(error.output));
  }
}

function makeFolders(dataDir: string, folders: string[]): void {
  try {
    for (const folder of folders) {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
    }
  } catch (error) {
    throw new StackFailure(
      `The data folder ${dataDir} can't be written (${describeError(error)}): set DATA_DIR to one that can.`,
    );
  }
}

async function refuseIfTaken({ port, purpose, variable }: StackPort): Promise<void> {
  keepPort(port);
  const trouble = await portTrouble(port);
  if (trouble === undefined) return;
  const what = trouble === 'EADDRINUSE' ? 'another program has it' : `the system says ${trouble}`;
  throw new StackFailure(
    `Port ${port} for ${purpose} can't be used (${what}): set ${variable} to a free one.`,
  );
}
