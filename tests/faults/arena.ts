import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { clusterSettings, planCluster } from '../../scripts/cluster/plan';
import { freePort } from '../../scripts/stack/ports';
import { mintToken } from '../../src/cli/mint';
import { connect } from '../../src/db/connection';
import { TEST_KEY, testDataConverter } from '../support/encryption';
import { startToxiproxy } from '../support/toxiproxy';
import { openDisk } from './disk';
import type { HistoryWriter } from './history/write';
import { openLinks } from './links';
import type { Opened } from './opened';
import { openOutside } from './outside';
import { recordedClient, type RecordedClient } from './recorded-client';
import { openSystem } from './system';

/** Short, so that many holds come to their deadline while something is broken. */
export const PAYMENT_WINDOW_SECONDS = 40;

/** Who sells one seat a second, to see whether it can be done. */
export const PROBES = 0;
export const OPERATOR = 100;

/** What our processes are told beside: a few customers do all the time what others rarely do. */
const LIMITS = {
  PAYMENT_WINDOW_SECONDS: String(PAYMENT_WINDOW_SECONDS),
  MAX_OPEN_HOLDS_PER_CUSTOMER: '1000',
  MAX_UNPAID_HOLDS_PER_FLIGHT: '1000000',
  MAX_UNPAID_HOLDS_PER_DAY: '1000000',
  MAX_DECLINES_PER_HOUR: '1000000',
  RATE_LIMIT_PER_MINUTE: '1000000',
};

export type Arena = Awaited<ReturnType<typeof openArena>>;

/**
 * Opens everything that a run takes place in: the system on a disk of its own, proxies between its
 * parts, what is outside of it, and a door for so many customers.
 */
export async function openArena(opened: Opened, history: HistoryWriter, customers: number) {
  const clients = Array.from({ length: customers }, (_, index) => index + 1);
  const dataDir = opened.add(
    mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-faults-')),
    (dir) => rmSync(dir, { recursive: true, force: true }),
  );
  const disk = await openDisk(dataDir);
  if (typeof disk !== 'string') opened.add(disk, (one) => one.close());
  const logs = opened.add(path.join(history.folder, 'logs'), (kept) => {
    const written = path.join(dataDir, 'logs');
    if (existsSync(written)) cpSync(written, kept, { recursive: true });
  });
  mkdirSync(logs, { recursive: true });

  const outside = opened.add(await openOutside(history, [PROBES, ...clients]), (one) =>
    one.close(),
  );
  const settings = clusterSettings({
    ...process.env,
    DATA_DIR: dataDir,
    PORT: String(await freePort()),
    POSTGRES_PORT: String(await freePort()),
    TEMPORAL_PORT: String(await freePort()),
    TEMPORAL_UI_PORT: String(await freePort()),
    SMTP_URL: `smtp://127.0.0.1:${outside.mailPort}`,
    SCHEDULE_DAYS: '1',
    PAYLOAD_ENCRYPTION_KEYS: TEST_KEY,
  });
  const cluster = await planCluster(settings);
  const toxiproxy = opened.add(await startToxiproxy(), (one) => one.stop());
  const links = await openLinks(toxiproxy, cluster, outside.ports);
  const wiring = {
    environmentOf: (part: string) => ({
      ...(/^(api|worker)-/.test(part) ? LIMITS : {}),
      ...links.environmentOf(part),
    }),
    say: (part: string, line: string) => {
      const said = `${new Date().toISOString()} ${part} │ ${line}\n`;
      appendFileSync(path.join(logs, 'console.log'), said);
    },
  };
  const system = opened.add(await openSystem(cluster, wiring), (one) => one.close());
  const db = opened.add(
    connect(cluster.databaseUrl, { applicationName: 'test', maxConnections: 4 }),
    (one) => one.destroy(),
  );
  const connection = opened.add(Connection.lazy({ address: cluster.temporalAddress }), (one) =>
    one.close(),
  );

  const { issuer, audience, apiUrl: url } = settings;
  const keys = { secret: cluster.secrets.authJwtSecret, issuer, audience };
  const tokenOf = (client: number) => {
    const [sub, scope] =
      client === OPERATOR ? ['operator-1', 'operator'] : [`customer-${client}`, 'bookings'];
    return mintToken(keys, { sub, scope, expiresIn: '24h' });
  };
  /** Customers and operators come through a proxy that may break; probes don't. */
  const door = `http://127.0.0.1:${links.portOf('customers→proxy')}`;
  const someone = async (client: number): Promise<RecordedClient> =>
    recordedClient(history, {
      client,
      token: await tokenOf(client),
      url: client === PROBES ? url : door,
    });

  return {
    clients,
    disk,
    outside,
    cluster,
    toxiproxy,
    links,
    system,
    db,
    url,
    tokenOf,
    temporal: new TemporalClient({ connection, dataConverter: testDataConverter }),
    customers: await Promise.all(clients.map(someone)),
    probing: await someone(PROBES),
    operator: await someone(OPERATOR),
  };
}
