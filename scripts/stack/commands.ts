import { execFile } from 'node:child_process';

export interface CommandResult {
  /** Null when a signal ended it. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  timeoutMs: number;
  uid?: number | undefined;
  gid?: number | undefined;
  /** Instead of ours. */
  env?: NodeJS.ProcessEnv;
  /** Ends the command when aborted. */
  signal?: AbortSignal;
}

/**
 * Runs a short-lived program to its end and returns how it ended, whatever its exit code. It
 * doesn't outlive this process.
 *
 * @throws the system's error when the program can't be started.
 */
export function runCommand(
  command: string,
  args: string[],
  { timeoutMs, uid, gid, env, signal }: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      args,
      {
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        uid,
        gid,
        env,
        signal,
        maxBuffer: 16 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        process.off('exit', kill);
        // A spawn that failed has a code like ENOENT; a program that failed has its exit code
        // there, or null.
        const failure: Error | null = error;
        if (failure !== null && typeof error?.code === 'string') reject(failure);
        else resolve({ exitCode: child.exitCode, stdout, stderr });
      },
    );
    const kill = () => child.kill('SIGKILL');
    process.on('exit', kill);
  });
}

/** The last line that says something: what a failed program usually ends with is why it failed. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
