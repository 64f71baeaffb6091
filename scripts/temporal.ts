import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describeTarget, findTarget, type Target } from '../src/cli/target';
import { resolveProgram } from './stack/binaries';
import { runAsCommand } from './stack/command';
import { TEMPORAL_CLI } from './stack/programs';
import { operatorToken } from './stack/running-stack';

/**
 * npm run temporal -- <arguments>: Temporal's own command line, as the local stack runs it, on the
 * Temporal that `flights` acts on. Of a local stack it shows what is encrypted, too.
 */
async function main(): Promise<void> {
  const target = findTarget();
  const program = await resolveProgram(TEMPORAL_CLI, { onProgress: console.error });
  if (target.stack !== undefined) console.error(describeTarget(target));
  const child = spawn(program, process.argv.slice(2), {
    stdio: 'inherit',
    env: { ...process.env, ...(await addressOf(target)) },
  });
  // A Ctrl-C reaches both: whoever started us is to see how the program ended.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  process.exitCode = exitCode ?? 1;
}

/** Where its Temporal is, by the variables that the program reads. */
async function addressOf(target: Target): Promise<NodeJS.ProcessEnv> {
  const { address, namespace } = target.config.temporal;
  if (address === undefined) {
    console.error(`No Temporal is named (${target.whyNotLocal}): only --address says where it is.`);
    return {};
  }
  const found = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  const { stack } = target;
  if (stack === undefined || target.config.auth.secret === undefined) return found;
  return {
    ...found,
    TEMPORAL_CODEC_ENDPOINT: `${stack.variables.API_URL ?? ''}/codec`,
    TEMPORAL_CODEC_AUTH: `Bearer ${await operatorToken(target)}`,
  };
}

runAsCommand(main);
