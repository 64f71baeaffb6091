import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { waitUntil } from '../../src/cli/wait';

export interface RunningProcess {
  pid: number;
  parentPid: number;
  /** With its arguments, separated by spaces. */
  command: string;
}

/** Every process of the machine that we may see. */
export function listProcesses(): RunningProcess[] {
  return process.platform === 'linux' ? fromProc() : fromPs();
}

function fromProc(): RunningProcess[] {
  return processIds().flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The second field is the name in parentheses, which may hold spaces and parentheses itself.
      const [state, parentPid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // A zombie has ended; only its exit status is left.
      if (state === 'Z') return [];
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return [{ pid, parentPid: Number(parentPid), command }];
    } catch {
      return []; // It ended meanwhile.
    }
  });
}

function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function fromPs(): RunningProcess[] {
  const table = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,command='], {
    encoding: 'utf8',
  });
  return table.split('\n').flatMap((line) => {
    const [, pid, parentPid, command] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
    return command === undefined
      ? []
      : [{ pid: Number(pid), parentPid: Number(parentPid), command }];
  });
}

/** Children of a process, their children and so on. */
export function descendantsOf(pid: number, processes = listProcesses()): number[] {
  const children = processes.filter((child) => child.parentPid === pid);
  return children.flatMap((child) => [child.pid, ...descendantsOf(child.pid, processes)]);
}

/**
 * Returns whether a process with this ID runs and its command line holds the text: IDs are used
 * again.
 */
export function isRunning(pid: number, commandHolds = ''): boolean {
  return listProcesses().some(
    (running) => running.pid === pid && running.command.includes(commandHolds),
  );
}

/** Processes working in the folder. Known on Linux only; elsewhere the answer is none. */
export function processesIn(folder: string): number[] {
  if (process.platform !== 'linux') return [];
  return processIds().filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false;
    }
  });
}

/**
 * Sends a signal to a process, or to its group by the negative ID. One that is gone is no error.
 */
export function send(signal: NodeJS.Signals, pid: number): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Ends a process that is not our child: politely, then not. */
export async function endProcess(
  pid: number,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  send(signal, pid);
  const gone = () => !isRunning(pid);
  const stuck = () => new Error(`process ${pid} does not end`);
  await waitUntil(gone, { timeoutMs: graceMs, onTimeout: stuck }).catch(async () => {
    send('SIGKILL', pid);
    await waitUntil(gone, { timeoutMs: 5_000, onTimeout: stuck });
  });
}
