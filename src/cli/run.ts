import { CommanderError } from 'commander';
import type { Terminal } from './command';
import { describeFailure } from './failure';
import { createProgram } from './program';
import type { Systems } from './systems';

/** Exit codes of the program: 0 success; 1 a finding or a refusal; 2 wrong usage. */
export type ExitCode = 0 | 1 | 2;

/**
 * Runs one command of `flights` and returns its exit code. A failure is described, never thrown.
 */
export async function runFlights(
  args: readonly string[],
  systems: Systems,
  terminal: Terminal,
): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = createProgram(
    systems,
    terminal,
    ({ result, text, isFinding = false }, format) => {
      terminal.print(format?.json === true ? JSON.stringify(result) : text);
      if (isFinding) exitCode = 1;
    },
  );
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    terminal.complain(describeFailure(error));
    return 1;
  }
}
