import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Whether everyone on the internet means the same host by an IP address. Anything else may be a
 * machine of ours: private, loopback, link-local (where clouds keep credentials), multicast,
 * reserved, and IPv6 addresses that stand for an IPv4 one.
 */
export function isPublicAddress(address: string): boolean {
  // Scoped addresses, such as fe80::1%eth0, are of one machine.
  if (isIP(address) === 0 || address.includes('%')) return false;
  // One that the library can't read, such as ::127.0.0.1, is none that is routed.
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  if (parsed instanceof ipaddr.IPv4) return !parsed.match(ipaddr.IPv4.parseCIDR(BENCHMARKS));
  return (
    parsed.match(ipaddr.IPv6.parseCIDR(GLOBAL)) && !RESERVED.some((range) => inside(parsed, range))
  );
}

/** RFC 2544: the library counts it among the public ones. */
const BENCHMARKS = '198.18.0.0/15';

/** All IPv6 addresses that are routed on the internet (RFC 4291). */
const GLOBAL = '2000::/3';

/** IETF protocol assignments and documentation (RFC 2928, RFC 9637). */
const RESERVED = ['2001::/23', '3fff::/20'];

function inside(address: ipaddr.IPv6, range: string): boolean {
  return address.match(ipaddr.IPv6.parseCIDR(range));
}
