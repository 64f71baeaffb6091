import { CommanderError } from 'commander';
import { describeError } from '../stack/failure';
import type { OpenDesk } from './desk';
import { createProgram } from './program';

/** Where a command speaks: results, and complaints. */
export interface Terminal {
  print: (text: string) => void;
  complain: (text: string) => void;
}

/** Runs one operators' command; answers its exit code: 0 when all is well, 1 on a finding or a refusal, 2 when it was misused. */
export async function runOps(
  args: readonly string[],
  open: OpenDesk,
  { print, complain }: Terminal,
): Promise<0 | 1 | 2> {
  let exitCode: 0 | 1 = 0;
  const program = createProgram(open, ({ result, text, isFinding = false }, { json }) => {
    print(json ? JSON.stringify(result) : text);
    if (isFinding) exitCode = 1;
  });
  const output = {
    writeOut: (text: string) => print(text.trimEnd()),
    writeErr: (text: string) => complain(text.trimEnd()),
  };
  for (const command of [program, ...program.commands]) command.configureOutput(output);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const [firstLine = ''] = describeError(error).split('\n');
    complain(firstLine);
    return 1;
  }
}
