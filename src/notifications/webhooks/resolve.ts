import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from './public-address';

/** A host has no address, or no name server said so in time. */
export class HostNotFound extends Error {
  override name = 'HostNotFound';
}

/** An address that nothing is sent to. */
export class AddressNotAllowed extends Error {
  override name = 'AddressNotAllowed';
}

export interface ResolveOptions {
  /** Whether addresses that are not public are allowed, as on a developer's machine. */
  allowPrivate: boolean;
  /** Name servers instead of the machine's own. */
  nameServers?: readonly string[];
}

/** A name server may take so long, in milliseconds, and is asked twice. */
const ANSWER_MS = 2_000;

/**
 * Returns the lookup of a connection: it connects to no other address than those that are checked
 * here, however often a name changes.
 *
 * Names are resolved by asking the name servers, rather than by the operating system: that would
 * keep one of Node's few threads busy, and a slow name server all of them.
 */
export function createLookup({ allowPrivate, nameServers }: ResolveOptions): LookupFunction {
  return (host, { all, family }, callback) => {
    resolve(host, nameServers)
      .then((found) => {
        const wanted =
          family === 4 || family === 6 ? found.filter((a) => a.family === family) : found;
        const addresses = allowPrivate
          ? wanted
          : wanted.filter(({ address }) => isPublicAddress(address));
        const [first] = addresses;
        if (wanted.length === 0) throw new HostNotFound(host);
        if (first === undefined) throw new AddressNotAllowed(host);
        if (all === true) callback(null, addresses);
        else callback(null, first.address, first.family);
      })
      .catch((error: unknown) => {
        callback(error as Error, '', 0);
      });
  };
}

interface Address {
  address: string;
  family: 4 | 6;
}

/** The names of this machine, which no name server knows (RFC 6761). */
const LOCALHOST = /(^|\.)localhost$/i;

const LOOPBACK: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

async function resolve(
  host: string,
  nameServers: readonly string[] | undefined,
): Promise<Address[]> {
  if (LOCALHOST.test(host)) return [...LOOPBACK];
  const resolver = new Resolver({ timeout: ANSWER_MS, tries: 2 });
  if (nameServers !== undefined) resolver.setServers(nameServers);
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  return [...addressesOf(v4, 4), ...addressesOf(v6, 6)];
}

function addressesOf(answer: PromiseSettledResult<string[]>, family: 4 | 6): Address[] {
  if (answer.status === 'rejected') return [];
  return answer.value.map((address) => ({ address, family }));
}
