import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import {
  registerSearchAttributes,
  SEARCH_ATTRIBUTES,
  searchAttributeArguments,
} from './search-attributes';
import type { Service } from './service';
import type { Settings } from './settings';
import { CODEC_PATH } from './ui-door';

/**
 * Temporal's dev server, with its UI on a port behind the door that people come by. Its data are in
 * a file, so workflows outlive a restart.
 */
export function temporalService(
  cli: string,
  address: string,
  uiPort: number,
  settings: Settings,
): Service {
  const { dataDir, logDir, temporalPort, temporalNamespace: namespace } = settings;
  const folder = path.join(dataDir, 'temporal');
  const database = path.join(folder, 'temporal.db');
  /** The server registers search attributes with a namespace that it makes, and never after. */
  let hasNamespace = false;
  return {
    name: 'temporal',
    title: 'Temporal',
    logFile: path.join(logDir, 'temporal.log'),
    prepare: () => {
      mkdirSync(folder, { recursive: true });
      hasNamespace = existsSync(database);
      const listening = [
        '--ip',
        '127.0.0.1',
        '--port',
        String(temporalPort),
        '--ui-port',
        String(uiPort),
        '--ui-codec-endpoint',
        CODEC_PATH,
      ];
      return Promise.resolve({
        command: cli,
        args: [
          ...['server', 'start-dev', ...listening, '--db-filename', database],
          ...DURABLE_AND_QUICK,
          ...['--namespace', namespace, '--log-level', 'warn', ...searchAttributeArguments()],
        ],
      });
    },
    untilServing: () =>
      ask({ address }, async (connection) => {
        const known = await listSearchAttributes(connection, namespace);
        if (hasNamespace) await registerSearchAttributes(connection, namespace, known);
        return Object.keys(SEARCH_ATTRIBUTES).every((name) => known.includes(name));
      }),
    stopSignal: 'SIGTERM',
    graceMs: 10_000,
  };
}

/**
 * A write-ahead log takes one write to the disk for a transaction where SQLite's default journal
 * takes four; each is still waited for, so that what was committed survives a power cut, too.
 */
const DURABLE_AND_QUICK = [
  ...['--sqlite-pragma', 'journal_mode=wal'],
  ...['--sqlite-pragma', 'synchronous=full'],
];

/**
 * Namespaces and search attributes are registered last of all, some moments after the port opens.
 */
async function listSearchAttributes(
  { operatorService }: Connection,
  namespace: string,
): Promise<string[]> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  return Object.keys(customAttributes);
}

/** Returns whether a Temporal server is there to be asked. */
export async function isTemporalThere(address: string): Promise<boolean> {
  return await ask({ address }, async ({ workflowService }) => {
    await workflowService.getSystemInfo({});
    return true;
  });
}

/** Where a worker asks for work. */
interface Queue {
  connection: Parameters<typeof Connection.connect>[0];
  namespace: string;
  taskQueue: string;
}

/** Returns whether a worker asks for the workflows of a task queue. */
export async function hasWorkers(queue: Queue): Promise<boolean> {
  return (await listPollers(queue)).length > 0;
}

/**
 * Returns whether the worker of this process asks for work: it introduces itself by its process ID.
 */
export async function isPolling(queue: Queue, pid: string): Promise<boolean> {
  const pollers = await listPollers(queue);
  return pollers.some((identity) => identity.startsWith(`${pid}@`));
}

async function listPollers({ connection, namespace, taskQueue }: Queue): Promise<string[]> {
  const found: string[] = [];
  await ask(connection, async ({ workflowService }) => {
    const queue = { namespace, taskQueue: { name: taskQueue } };
    const { pollers } = await workflowService.describeTaskQueue(queue);
    found.push(...pollers.map(({ identity }) => identity ?? ''));
    return true;
  });
  return found;
}

/** One question on a connection of its own; a server that can't be asked has answered no. */
async function ask(
  options: Parameters<typeof Connection.connect>[0],
  question: (connection: Connection) => Promise<boolean>,
): Promise<boolean> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ ...options, connectTimeout: 2_000 });
    return await question(connection);
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}
