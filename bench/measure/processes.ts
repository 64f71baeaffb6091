import { readFileSync } from 'node:fs';
import path from 'node:path';
import { descendantsOf, listProcesses, type RunningProcess } from '../../scripts/stack/processes';

/** The parts of a system, and the names of the pid files of each. */
export type PartFiles = Readonly<Record<string, readonly string[]>>;

/** What a part, with all processes below it, used in the measured time. */
export interface PartUsage {
  cpuMs: number;
  peakResidentBytes: number;
}

export interface Usage {
  /** Null for a part of which a process was started again meanwhile. */
  parts: Record<string, PartUsage | null>;
  /** The benchmark itself. */
  benchCpuMs: number;
  /**
   * The share of all cores that went to programs other than these parts and the benchmark: how
   * noisy the run was.
   */
  otherPrograms: number;
  /** The share of all cores that was in use, by whatever programs. */
  busy: number;
}

/** Linux counts CPU time in hundredths of a second (USER_HZ), wherever Node runs. */
const MS_PER_TICK = 10;

/** Reading the process table takes some milliseconds, which the measured programs lack. */
const SAMPLING_INTERVAL_MS = 2_000;

/**
 * Watches the processes that the pid files name, from now on. Undefined where there is no /proc.
 */
export function watchProcesses(
  runDir: string,
  files: PartFiles,
): { finish: () => Usage } | undefined {
  if (process.platform !== 'linux') return undefined;
  const names = Object.keys(files);
  const before = lookAt(runDir, files);
  const benchBefore = process.cpuUsage();
  const machineBefore = machineTicks();
  const peaks = new Map<string, number>();
  const sample = (parts: PartsNow) => {
    for (const name of names)
      peaks.set(name, Math.max(peaks.get(name) ?? 0, parts[name]?.residentBytes ?? 0));
  };
  sample(before);
  const sampling = setInterval(() => {
    sample(lookAt(runDir, files));
  }, SAMPLING_INTERVAL_MS);

  const finish = (): Usage => {
    clearInterval(sampling);
    const machine = machineTicks();
    const bench = process.cpuUsage(benchBefore);
    const after = lookAt(runDir, files);
    sample(after);
    const usageOf = (name: string): PartUsage | null => {
      const [first, last] = [before[name], after[name]];
      if (first === undefined || first.pids !== last?.pids) return null;
      return { cpuMs: last.cpuMs - first.cpuMs, peakResidentBytes: peaks.get(name) ?? 0 };
    };
    const parts = Object.fromEntries(names.map((name) => [name, usageOf(name)]));
    const benchCpuMs = (bench.user + bench.system) / 1000;
    const known = names.reduce((sum, name) => sum + (parts[name]?.cpuMs ?? 0), benchCpuMs);
    const busyMs = (machine.busy - machineBefore.busy) * MS_PER_TICK;
    const allMs = (machine.all - machineBefore.all) * MS_PER_TICK;
    const otherPrograms = Math.max(0, busyMs - known) / allMs;
    return { parts, benchCpuMs, otherPrograms, busy: busyMs / allMs };
  };
  return { finish };
}

interface PartNow {
  /** Of the processes that the pid files name; others than before mean a restart. */
  pids: string;
  cpuMs: number;
  residentBytes: number;
  /** What it shares with nobody: the pages of PostgreSQL's cache left out. */
  ownBytes: number;
}

type PartsNow = Record<string, PartNow | undefined>;

/** Reads what each part uses now; undefined where a process of it is being started. */
export function lookAt(runDir: string, files: PartFiles): PartsNow {
  const processes = listProcesses();
  return Object.fromEntries(
    Object.entries(files).map(([part, names]) => {
      const pids = names.map((name) => readPid(path.join(runDir, `${name}.pid`)));
      if (pids.some((pid) => pid === undefined)) return [part, undefined];
      const usages = pids.map((pid) => treeUsage(pid ?? 0, processes));
      return [
        part,
        {
          pids: pids.join(),
          cpuMs: usages.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
          residentBytes: usages.reduce((sum, usage) => sum + usage.residentBytes, 0),
          ownBytes: usages.reduce((sum, usage) => sum + usage.ownBytes, 0),
        },
      ];
    }),
  );
}

function readPid(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * CPU time of a process, of those below it, and of those that ended there since. Memory that they
 * share, as PostgreSQL's processes do, counts once.
 */
function treeUsage(root: number, processes: RunningProcess[]) {
  const tree = [root, ...descendantsOf(root, processes)].flatMap((pid) => usageOf(pid) ?? []);
  const sum = (key: keyof ProcessUsage) => tree.reduce((total, one) => total + one[key], 0);
  const most = (key: keyof ProcessUsage) => Math.max(0, ...tree.map((one) => one[key]));
  return {
    cpuMs: sum('ticks') * MS_PER_TICK,
    residentBytes: sum('ownBytes') + most('sharedBytes'),
    ownBytes: sum('ownBytes'),
  };
}

interface ProcessUsage {
  ticks: number;
  ownBytes: number;
  sharedBytes: number;
}

/** Undefined when it has ended. */
function usageOf(pid: number): ProcessUsage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // proc(5): utime, stime, and both again of children that have ended, are the 14th to 17th
    // field; the first two are cut off.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const bytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
    return {
      ticks,
      ownBytes: bytes('RssAnon'),
      sharedBytes: bytes('RssFile') + bytes('RssShmem'),
    };
  } catch {
    return undefined;
  }
}

/** Ticks of all cores since the machine started. */
function machineTicks(): { busy: number; all: number } {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  // proc(5): user, nice, system, idle, iowait, irq, softirq, steal; what follows is part of user.
  const ticks = first.split(/ +/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, one) => sum + one, 0);
  const [, , , idle = 0, waiting = 0] = ticks;
  return { busy: all - idle - waiting, all };
}
