import type { CountRequests } from './rate-limit-counter';

/** Whether a request is allowed, how many more are, and until when that holds. */
export interface Allowance {
  isAllowed: boolean;
  remaining: number;
  /** In milliseconds since 1970. */
  endsAt: number;
}

/** What this process has reserved of one caller's limit. */
interface Share {
  left: number;
  reserved: number;
  /** The part of the whole limit that no process has reserved. */
  unreserved: number;
  endsAt: number;
  waiting: number;
  reservation: Promise<void> | undefined;
}

/**
 * A process reserves up to this part of a limit at once. A busy caller costs one round trip to
 * PostgreSQL every 12 requests at the default limit. When the limit is reached, other processes may
 * have unused reservations, at most this part each. The caller loses those for the rest of the
 * minute.
 */
const LARGEST_PART = 1 / 50;

/**
 * Above this number, shares whose minute is over are deleted; in the busiest minute, the oldest
 * ones.
 */
const MAX_SHARES = 50_000;

/**
 * Spends a limit that is counted elsewhere, in reservations that grow with use: 1, 1, 2, 4 …
 *
 * All processes together never allow more than the limit. Limits up to 50 are exact to the request.
 */
export function createShares(count: CountRequests, limit: number) {
  const shares = new Map<string, Share>();
  const largest = Math.ceil(limit * LARGEST_PART);

  async function reserve(key: string, share: Share): Promise<void> {
    const size = Math.max(share.waiting, Math.min(largest, Math.max(1, share.reserved)));
    const requests = Math.min(size, limit);
    const { points, endsAt } = await count(key, requests);
    const before = points - requests;
    share.left = Math.max(0, Math.min(requests, limit - before));
    share.reserved += share.left;
    share.unreserved = Math.max(0, limit - points);
    share.endsAt = endsAt;
  }

  /**
   * Requests that come while a reservation is being made wait for it, and count in the next one.
   */
  async function refill(key: string, share: Share): Promise<void> {
    share.waiting += 1;
    share.reservation ??= reserve(key, share).finally(() => (share.reservation = undefined));
    await share.reservation.finally(() => (share.waiting -= 1));
  }

  return {
    async take(key: string): Promise<Allowance> {
      const share = shares.get(key) ?? addShare(shares, key);
      for (;;) {
        if (Date.now() >= share.endsAt) Object.assign(share, emptyShare());
        if (share.left > 0 || (share.endsAt > 0 && share.unreserved === 0)) break;
        await refill(key, share);
      }
      const isAllowed = share.left > 0;
      if (isAllowed) share.left -= 1;
      return { isAllowed, remaining: share.left + share.unreserved, endsAt: share.endsAt };
    },
  };
}

function emptyShare(): Pick<Share, 'left' | 'reserved' | 'unreserved' | 'endsAt'> {
  return { left: 0, reserved: 0, unreserved: 0, endsAt: 0 };
}

function addShare(shares: Map<string, Share>, key: string): Share {
  if (shares.size >= MAX_SHARES) deleteOldShares(shares);
  const share = { ...emptyShare(), waiting: 0, reservation: undefined };
  shares.set(key, share);
  return share;
}

function deleteOldShares(shares: Map<string, Share>): void {
  const now = Date.now();
  for (const [key, { endsAt }] of shares) if (endsAt < now) shares.delete(key);
  for (const key of shares.keys()) {
    if (shares.size < MAX_SHARES) return;
    shares.delete(key);
  }
}
