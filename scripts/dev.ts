import { accessSync, constants, mkdirSync } from 'node:fs';
import { StackConsole } from './stack/console';
import { writeDevEnv } from './stack/dev-env';
import { describeError, StackFailure } from './stack/failure';
import { takeLock } from './stack/lock';
import { endOrphans } from './stack/orphans';
import { portTrouble } from './stack/ports';
import { devEnv, planStack } from './stack/running';
import type { Service } from './stack/service';
import { localEnvironment, readSettings, type StackPort } from './stack/settings';
import { Shutdown } from './stack/shutdown';
import { startingSteps } from './stack/steps';
import { Supervised } from './stack/supervised';
import { welcome } from './stack/welcome';

/** The local stack, from an empty folder to `Ready`; it then stays, and keeps every part running until it is told to stop. */
export async function dev(): Promise<void> {
  // A reader that went away (`| head`, a closed terminal) is no reason to fail.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const shutdown = new Shutdown();
  shutdown.whenAsked();
  try {
    await startStack(shutdown);
  } catch (error) {
    if (shutdown.begun) return;
    console.error(`\nThe local stack can't run. ${describeError(error)}`);
    if (error instanceof StackFailure && error.output !== '') console.error(error.output);
    if (process.env.DEBUG) console.error(error);
    await shutdown.endProcess(1);
  }
}

async function startStack(shutdown: Shutdown): Promise<void> {
  const settings = readSettings(localEnvironment());
  const { dataDir, runDir, logDir, ports } = settings;
  makeFolders(dataDir, [runDir, logDir]);
  takeLock(runDir);
  await endOrphans(dataDir, runDir);
  for (const port of ports) await refuseIfTaken(port);

  const running = planStack(settings);
  const stackConsole = new StackConsole();
  const start = async (service: Service) => {
    const part = new Supervised(service, runDir, stackConsole.say);
    shutdown.parts.push(part);
    await part.start();
  };
  await startingSteps(running, start).run();

  writeDevEnv(runDir, devEnv(running));
  console.log(await welcome(running));
  console.log('Ready');
  stackConsole.open();
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
  const trouble = await portTrouble(port);
  if (trouble === undefined) return;
  const what = trouble === 'EADDRINUSE' ? 'another program has it' : `the system says ${trouble}`;
  throw new StackFailure(
    `Port ${port} for ${purpose} can't be used (${what}): set ${variable} to a free one.`,
  );
}
