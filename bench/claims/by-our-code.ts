import { connect } from '../../src/db/connection';
import { CLAIMS_PER_HOT_FLIGHT, type ClaimLoad, type Market } from './market';
import { claimOf, claimSeat } from './request';

/** Claims by our own code in a closed loop. Returns how many a second. */
export async function claimByOurCode(
  databaseUrl: string,
  flights: readonly string[],
  market: Market,
  { clients, seconds }: ClaimLoad,
): Promise<number> {
  const db = connect(databaseUrl, { applicationName: 'bench-claims', maxConnections: clients });
  let begun = 0;
  const nextFlight = (): string => {
    const hot = Math.floor(begun / CLAIMS_PER_HOT_FLIGHT);
    begun += 1;
    const index = market === 'hot' ? hot : Math.floor(Math.random() * flights.length);
    const flight = flights[index];
    if (flight === undefined) throw new Error('The claims have sold out: measure for less long.');
    return flight;
  };
  const endsAt = performance.now() + seconds * 1000;
  let claims = 0;
  const client = async () => {
    while (performance.now() < endsAt) {
      await claimSeat(db, claimOf(nextFlight()));
      claims += 1;
    }
  };
  const from = performance.now();
  try {
    await Promise.all(Array.from({ length: clients }, client));
    return claims / ((performance.now() - from) / 1000);
  } finally {
    await db.destroy();
  }
}
