import type { Toxic } from '../support/toxiproxy';
import type { PlannedFault } from './plan';

/** What is wrong with a connection while a fault lasts. */
export interface PlacedToxic {
  /** The name of the connection. */
  link: string;
  toxic: Toxic;
}

/**
 * Returns what a fault does to connections, of those that there are; nothing, where it breaks
 * something else.
 *
 * Faults that meet on a connection don't get in each other's way: each toxic is named after its
 * fault.
 */
export function toxicsOf(
  { id, kind, target, details }: PlannedFault,
  links: readonly string[],
): PlacedToxic[] {
  const toxic = (
    type: Toxic['type'],
    stream: Toxic['stream'],
    attributes: Record<string, number>,
  ): Toxic => ({ name: `${id}-${stream}`, type, stream, attributes });
  const onTarget = (...toxics: Toxic[]) => toxics.map((one) => ({ link: target, toxic: one }));

  switch (kind) {
    case 'latency': {
      const slow = { latency: Number(details.milliseconds), jitter: 50 };
      return onTarget(toxic('latency', 'downstream', slow));
    }
    case 'bandwidth':
      return onTarget(
        toxic('bandwidth', 'downstream', { rate: Number(details.kilobytesPerSecond) }),
      );
    case 'reset':
      return onTarget(toxic('reset_peer', 'downstream', { timeout: 0 }));
    // Nothing gets through, and nobody is told; at the end the connections break.
    case 'half-open':
      return onTarget(
        toxic('timeout', 'upstream', { timeout: 0 }),
        toxic('timeout', 'downstream', { timeout: 0 }),
      );
    // The connection breaks with the request, which never arrives.
    case 'cut-before':
      return onTarget(toxic('limit_data', 'upstream', { bytes: 0 }));
    // It breaks with the answer: what was asked for was done.
    case 'cut-after':
      return onTarget(toxic('limit_data', 'downstream', { bytes: 0 }));
    case 'provider-storm': {
      const slow = { latency: Number(details.milliseconds), jitter: 200 };
      return links
        .filter((name) => name.endsWith('→provider'))
        .map((link) => ({ link, toxic: toxic('latency', 'downstream', slow) }));
    }
    case 'kill':
    case 'stop':
    case 'disk-full':
    case 'clock':
    case 'pool':
    case 'scale':
    case 'rollout':
    case 'rollback':
      return [];
  }
}
