import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { waitUntil } from '../../src/cli/wait';
import { describeError, StackFailure } from './failure';
import { writeWhole } from './files';
import { logTail, openLog } from './log-file';
import { send } from './processes';
import type { Service } from './service';
import { ROOT } from './settings';

/** At once after the first death; a part that keeps dying is left alone for longer and longer. */
const RESTART_DELAYS_MS = [0, 250, 500, 1_000, 2_000, 5_000];
/** After this long a part counts as well again. */
const STEADY_AFTER_MS = 30_000;
const SERVING_TIMEOUT_MS = 60_000;

/** Lines of a part's output that are kept for the message when it fails to start. */
const KEPT_LINES = 20;

export type Say = (name: string, line: string) => void;

/**
 * Keeps one service running in a process group of its own, so that a Ctrl-C reaches only us and the
 * parts end in our order. The file `<name>.pid` always names the process that runs now.
 */
export class Supervised {
  #child: ChildProcess | undefined;
  #stopping = false;
  #startedAt = 0;
  #deaths = 0;
  #recentLines: string[] = [];
  #log: { file: string; startsAt: number } | undefined;
  readonly #pidFile: string;

  constructor(
    private readonly service: Service,
    runDir: string,
    private readonly say: Say,
  ) {
    this.#pidFile = path.join(runDir, `${service.name}.pid`);
  }

  /**
   * Starts the service and waits until it serves; from then on it is started again whenever it
   * ends.
   *
   * @throws StackFailure with the end of its output when it ends or keeps silent instead.
   */
  async start(): Promise<void> {
    const child = await this.#spawn();
    const { title } = this.service;
    await waitUntil(
      async () => {
        if (hasEnded(child)) throw await this.#startFailure(`${title} ended while starting`);
        return await this.service.untilServing();
      },
      {
        timeoutMs: SERVING_TIMEOUT_MS,
        onTimeout: () => new StackFailure(`${title} does not answer.`, this.#output()),
      },
    );
    if (hasEnded(child)) throw await this.#startFailure(`${title} ended while starting`);
    child.once('exit', (code, signal) => void this.#revive(signal ?? `exit code ${code}`));
  }

  /**
   * Ends the service for good: by its signal, and by force when that takes too long or `hurry` is
   * aborted.
   */
  async stop(hurry: AbortSignal): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child?.pid !== undefined && !hasEnded(child)) {
      const exit = once(child, 'exit');
      send(this.service.stopSignal, child.pid);
      // Not `AbortSignal.any` of a timeout: Node may collect that as garbage, and it never fires.
      const { graceMs } = this.service;
      // Once the child has ended nobody need wait for the rest of it.
      const patience = sleep(graceMs, undefined, { signal: hurry, ref: false }).catch(
        () => undefined,
      );
      await Promise.race([exit, patience]);
      if (!hasEnded(child)) send('SIGKILL', child.pid);
      await exit;
    }
    rmSync(this.#pidFile, { force: true });
  }

  /** The last resort, when there is no time to wait. */
  kill(): void {
    this.#sweep();
    rmSync(this.#pidFile, { force: true });
  }

  async #spawn(): Promise<ChildProcess> {
    this.#startedAt = Date.now();
    const { command, args, uid, gid, env = process.env, cwd = ROOT } = await this.service.prepare();
    if (this.#stopping) throw new StackFailure('The stack is being stopped.');
    this.#recentLines = [];
    const log =
      this.service.logFile === undefined
        ? undefined
        : { file: this.service.logFile, ...openLog(this.service.logFile) };
    this.#log = log;
    const child = spawn(command, args, {
      cwd,
      detached: true,
      env,
      stdio: log === undefined ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', log.fd, log.fd],
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    if (log !== undefined) closeSync(log.fd);
    await once(child, 'spawn');
    this.#child = child;
    child.once('exit', () => this.#sweep());
    // What goes wrong with a process that was started shows as its end.
    child.on('error', () => undefined);
    for (const stream of [child.stdout, child.stderr]) if (stream) this.#pass(stream);
    try {
      writeWhole(this.#pidFile, String(child.pid));
    } catch (error) {
      this.#sweep();
      throw error;
    }
    return child;
  }

  async #revive(ending: string): Promise<void> {
    while (!this.#stopping) {
      this.#deaths = Date.now() - this.#startedAt > STEADY_AFTER_MS ? 1 : this.#deaths + 1;
      const delay = RESTART_DELAYS_MS[Math.min(this.#deaths, RESTART_DELAYS_MS.length) - 1] ?? 0;
      const when =
        delay === 0
          ? 'starting it again'
          : `starting it again in ${delay / 1000} s (death ${this.#deaths} in a row)`;
      this.say('dev', `${this.service.title} ended (${ending}): ${when}`);
      await sleep(delay);
      try {
        const child = await this.#spawn();
        child.once('exit', (code, signal) => void this.#revive(signal ?? `exit code ${code}`));
        return;
      } catch (error) {
        ending = describeError(error);
      }
    }
  }

  /**
   * Ends the whole group, which may hold what the process left behind: a compiler, a shell. Its ID
   * then belongs to others.
   */
  #sweep(): void {
    if (this.#child?.pid !== undefined) send('SIGKILL', -this.#child.pid);
    this.#child = undefined;
  }

  #pass(stream: Readable): void {
    createInterface({ input: stream }).on('line', (line) => {
      this.#recentLines = [...this.#recentLines, line].slice(-KEPT_LINES);
      this.say(this.service.name, line);
    });
  }

  async #startFailure(what: string): Promise<StackFailure> {
    await sleep(100); // The last of its output may still be on its way to us.
    return new StackFailure(`${what}.`, this.#output());
  }

  #output(): string {
    if (this.#log === undefined) return this.#recentLines.join('\n');
    return logTail(this.#log.file, this.#log.startsAt);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
