import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../scripts/cluster/plan';
import { clusterSteps } from '../../scripts/cluster/steps';
import { promote } from '../../scripts/cluster/temporal';
import { describeError } from '../../scripts/stack/failure';
import { descendantsOf, send } from '../../scripts/stack/processes';
import type { Service } from '../../scripts/stack/service';
import { takeSteps } from '../../scripts/stack/steps';
import { Shutdown } from '../../scripts/stack/shutdown';
import { Supervised } from '../../scripts/stack/supervised';
import { waitUntil } from '../../src/cli/wait';

/** A part that was broken may need others that were, too. */
const RECOVERS_WITHIN_MS = 90_000;

/** How often a part that ends while it starts is started. */
const STARTS = 10;

/** Nobody looks at it while the system is broken. */
const LEFT_OUT = 'temporal-ui';

/** A part of the system: how it is run, and what keeps it running. */
interface Part {
  service: Service;
  supervised: Supervised;
}

/** In what a part may differ from how the cluster starts it. */
type Difference = 'build' | 'clock';

export type System = Awaited<ReturnType<typeof openSystem>>;

/** How the parts are connected, and who listens to them. */
interface Wiring {
  /** Variables of a part, in place of the cluster's own; asked for at every start. */
  environmentOf(part: string): NodeJS.ProcessEnv;
  /** Hears every line that a part prints, and when it is started again. */
  say(part: string, line: string): void;
}

/**
 * The cluster as `npm run dev:cluster` starts it, for a nemesis: each part can be killed, frozen,
 * stopped, and started again in another environment.
 */
export async function openSystem(cluster: Cluster, { environmentOf, say }: Wiring) {
  const { runDir, logDir } = cluster.settings;
  for (const folder of [runDir, logDir]) mkdirSync(folder, { recursive: true });
  const parts = new Map<string, Part>();
  const shutdown = new Shutdown();
  /** What is different at the moment, by part and by what it is. */
  const differences = new Map<string, Partial<Record<Difference, NodeJS.ProcessEnv>>>();

  async function start(service: Service): Promise<void> {
    const supervised = new Supervised(service, runDir, say);
    shutdown.parts.push(supervised);
    parts.set(service.name, { service, supervised });
    await supervised.start();
  }

  const rewired = (service: Service): Service => ({
    ...service,
    prepare: async () => {
      const { env = process.env, ...invocation } = await service.prepare();
      const { name } = service;
      const { build, clock } = differences.get(name) ?? {};
      return { ...invocation, env: { ...env, ...environmentOf(name), ...build, ...clock } };
    },
  });

  await takeSteps(
    clusterSteps(cluster, async (service) => {
      if (service.name !== LEFT_OUT) await start(rewired(service));
    }),
  ).catch(async (error: unknown) => {
    await shutdown.endParts();
    throw error;
  });

  const partOf = (name: string): Part => {
    const part = parts.get(name);
    if (part === undefined) throw new Error(`Bug: there is no part ${name}`);
    return part;
  };

  /** The process that a part is at this moment; undefined while it is stopped. */
  function pidOf(name: string): number | undefined {
    try {
      return Number(readFileSync(path.join(runDir, `${name}.pid`), 'utf8'));
    } catch {
      return undefined;
    }
  }

  /** A part's processes, those that it has started included. */
  function processesOf(name: string): number[] {
    const pid = pidOf(name);
    return pid === undefined ? [] : [pid, ...descendantsOf(pid)];
  }

  async function untilServing(name: string): Promise<void> {
    const { service } = partOf(name);
    const serves = () => service.untilServing().catch(() => false);
    await waitUntil(async () => pidOf(name) !== undefined && (await serves()), {
      timeoutMs: RECOVERS_WITHIN_MS,
      intervalMs: 200,
      onTimeout: () =>
        new Error(`${name} does not serve ${RECOVERS_WITHIN_MS / 1000} s after it was whole again`),
    });
  }

  /** Waits until a part is another process than that, and serves. */
  async function untilReplaced(name: string, pid: number): Promise<void> {
    await waitUntil(() => pidOf(name) !== pid, {
      timeoutMs: RECOVERS_WITHIN_MS,
      onTimeout: () => new Error(`${name} does not end`),
    });
    await untilServing(name);
  }

  const self = {
    parts: [...parts.keys()],
    untilServing,

    /**
     * Ends a part's process at once; whoever keeps it running starts it again. Returns what waits
     * until its successor serves.
     */
    kill(name: string): () => Promise<void> {
      const pid = pidOf(name);
      if (pid === undefined) return () => Promise.resolve();
      send('SIGKILL', pid);
      return () => untilReplaced(name, pid);
    },

    /** Lets a part stand still, with all of its processes; returns what lets it go on. */
    freeze(name: string): () => void {
      const frozen = processesOf(name);
      for (const pid of frozen) send('SIGSTOP', pid);
      return () => {
        for (const pid of frozen) send('SIGCONT', pid);
      };
    },

    /** Ends a part for as long as it isn't started. */
    async stop(name: string): Promise<void> {
      const { supervised } = partOf(name);
      await supervised.stop(new AbortController().signal);
      shutdown.parts.splice(shutdown.parts.indexOf(supervised), 1);
    },

    /** Starts a part that was stopped, and waits until it serves. */
    async start(name: string): Promise<void> {
      const { service } = partOf(name);
      for (let tries = 1; ; tries += 1) {
        try {
          await start(service);
          return;
        } catch (error) {
          // What it needs may be broken at this moment, or it was killed before it served.
          say(name, describeError(error));
          await self.stop(name);
          if (tries === STARTS) throw error;
          await sleep(1_000);
        }
      }
    },

    /**
     * Ends a part as an orchestrator does, and waits until its successor serves, which may differ
     * from it.
     */
    async restart(
      name: string,
      different: Partial<Record<Difference, NodeJS.ProcessEnv>> = {},
    ): Promise<void> {
      differences.set(name, { ...differences.get(name), ...different });
      const pid = pidOf(name);
      if (pid === undefined) return;
      send('SIGTERM', pid);
      await untilReplaced(name, pid);
    },

    /** Makes a build of the workers the current one. */
    promote: (buildId: string) => promote({ ...cluster, buildId }),

    /** Ends all of it, whatever state it is in. */
    async close(): Promise<void> {
      for (const name of parts.keys()) for (const pid of processesOf(name)) send('SIGCONT', pid);
      await shutdown.endParts();
    },
  };
  return self;
}
