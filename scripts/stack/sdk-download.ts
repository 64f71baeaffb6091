import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { lastLine, runCommand } from './commands';
import type { Program } from './programs';

const CHILD = path.join(__dirname, 'sdk-download-child.mjs');

/**
 * No byte for this long means that nothing will come: a firewall that swallows packets never
 * refuses.
 */
const STALL_MS = 8_000;
const DOWNLOAD_TIMEOUT_MS = 300_000;

/**
 * Gets the program by the Temporal SDK's own download, which exists only as a part of starting a
 * server: so a process of its own starts one there and stops it.
 */
export async function downloadBySdk(
  { command, sdkDownload }: Program,
  folder: string,
): Promise<string> {
  if (sdkDownload === undefined) throw new Error(`Bug: the SDK downloads no ${command}`);
  const stalled = new AbortController();
  let bytes = 0;
  let movedAt = Date.now();
  const watch = setInterval(() => {
    const now = sizeOf(folder);
    if (now !== bytes) movedAt = Date.now();
    bytes = now;
    if (Date.now() - movedAt > STALL_MS) stalled.abort();
  }, 500);
  try {
    const { exitCode, stderr } = await runCommand(
      process.execPath,
      [CHILD, sdkDownload.server, sdkDownload.version, folder],
      { timeoutMs: DOWNLOAD_TIMEOUT_MS, signal: stalled.signal },
    );
    if (exitCode !== 0) throw new Error(lastLine(stderr) || 'it was interrupted');
  } catch (error) {
    throw stalled.signal.aborted ? new Error(`nothing came for ${STALL_MS / 1000} s`) : error;
  } finally {
    clearInterval(watch);
  }
  const [file] = readdirSync(folder);
  if (file === undefined) throw new Error('the SDK started its server, but left no file');
  return path.join(folder, file);
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0);
}
