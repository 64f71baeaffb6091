import { statfsSync } from 'node:fs';
import { lastLine, runCommand } from '../../scripts/stack/commands';

/** Far more than a run of hours writes. */
const SIZE = '6g';
/** What a full disk still has: less than one page of PostgreSQL's. */
const LEFT_BYTES = 4_096;

/** A disk of a folder's own, which can be filled up in a moment. */
export interface Disk {
  fillUp(): Promise<void>;
  makeRoom(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Puts a disk in memory in the place of a folder.
 *
 * It is filled up by taking away the room that is left: what is written then meets the same error
 * as on a real one. Returns why it can't be had, where only root may mount.
 */
export async function openDisk(folder: string): Promise<Disk | string> {
  const mounted = await mount(['-t', 'tmpfs', '-o', `size=${SIZE},mode=0700`, 'faults', folder]);
  if (mounted !== undefined) return mounted;
  const resize = async (size: string) => {
    const trouble = await mount(['-o', `remount,size=${size}`, folder]);
    if (trouble !== undefined) throw new Error(`The disk can't be resized: ${trouble}`);
  };
  return {
    fillUp: async () => {
      // Whoever writes meanwhile may need more than was used a moment ago.
      for (let tries = 0; ; tries += 1) {
        const { blocks, bfree, bsize } = statfsSync(folder);
        const used = (blocks - bfree) * bsize;
        try {
          await resize(String(used + LEFT_BYTES));
          return;
        } catch (error) {
          if (tries === 20) throw error;
        }
      }
    },
    makeRoom: () => resize(SIZE),
    close: async () => {
      await runCommand('umount', ['--lazy', folder], { timeoutMs: 10_000 });
    },
  };
}

/** Returns why it failed; undefined if it did not. */
async function mount(args: string[]): Promise<string | undefined> {
  try {
    const { exitCode, stderr } = await runCommand('mount', args, { timeoutMs: 10_000 });
    return exitCode === 0 ? undefined : lastLine(stderr) || 'mount failed';
  } catch (error) {
    return (error as Error).message;
  }
}
