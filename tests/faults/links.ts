import type { Cluster } from '../../scripts/cluster/plan';
import { freePort } from '../../scripts/stack/ports';
import type { Toxiproxy } from '../support/toxiproxy';

/** A connection that goes through a proxy which can break it. */
export interface Link {
  /** Who connects to whom: `api-1→temporal`. */
  name: string;
  /** Where the one who connects is led to. */
  port: number;
}

export type Links = Awaited<ReturnType<typeof openLinks>>;

/**
 * Opens a proxy between every two parts of the cluster that talk with each other, between customers
 * and the cluster, and between the workers and what is outside.
 *
 * `outside` are the ports of mail server and webhook receivers, by name.
 */
export async function openLinks(
  toxiproxy: Toxiproxy,
  cluster: Cluster,
  outside: Record<string, number>,
) {
  const { settings, temporalPostgresPort } = cluster;
  const { port, postgresPort, temporalPort } = settings;
  const targets: Record<string, number> = {
    'customers→proxy': port,
    'temporal→temporal-postgres': temporalPostgresPort,
  };
  for (const api of cluster.apis) {
    targets[`proxy→${api.name}`] = api.port;
    targets[`${api.name}→postgres`] = postgresPort;
    targets[`${api.name}→temporal`] = temporalPort;
  }
  for (const worker of cluster.workers) {
    targets[`${worker}→postgres`] = postgresPort;
    targets[`${worker}→temporal`] = temporalPort;
    // The sandbox provider is reached at a database of its own.
    targets[`${worker}→provider`] = postgresPort;
  }
  for (const [name, outsidePort] of Object.entries(outside))
    targets[`workers→${name}`] = outsidePort;

  const links = new Map<string, Link>();
  for (const [name, target] of Object.entries(targets)) {
    const listen = await freePort();
    await toxiproxy.open(name, { listen, target });
    links.set(name, { name, port: listen });
  }
  const portOf = (name: string): number => {
    const link = links.get(name);
    if (link === undefined) throw new Error(`Bug: there is no connection ${name}`);
    return link.port;
  };
  const through = (url: string | undefined, name: string) =>
    url === undefined ? undefined : Object.assign(new URL(url), { port: portOf(name) }).href;

  return {
    names: [...links.keys()],
    portOf,

    /** What makes a part of the cluster use its proxies: variables in place of its own. */
    environmentOf(part: string): NodeJS.ProcessEnv {
      const { apis, workers, processUrls } = cluster;
      const address = (name: string) => `127.0.0.1:${portOf(name)}`;
      if (part === 'temporal') return { DB_PORT: String(portOf('temporal→temporal-postgres')) };
      if (part === 'proxy')
        return { API_UPSTREAMS: apis.map(({ name }) => address(`proxy→${name}`)).join(' ') };
      if (apis.some(({ name }) => name === part))
        return {
          DATABASE_URL: through(processUrls.api, `${part}→postgres`),
          TEMPORAL_ADDRESS: address(`${part}→temporal`),
        };
      if (workers.includes(part))
        return {
          DATABASE_URL: through(processUrls.worker, `${part}→postgres`),
          SANDBOX_DATABASE_URL: through(processUrls.sandbox, `${part}→provider`),
          TEMPORAL_ADDRESS: address(`${part}→temporal`),
          SMTP_URL: `smtp://${address('workers→mail')}`,
        };
      return {};
    },
  };
}
