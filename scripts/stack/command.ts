import { describeError } from './failure';

/** Runs a command of ours to its end; a failure is told in one line, with exit code 1. */
export function runAsCommand(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    console.error(process.env.DEBUG ? error : describeError(error));
    process.exitCode = 1;
  });
}
