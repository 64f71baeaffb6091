import { connect } from '../../src/db/connection';
import { CLAIMS_PER_HOT_FLIGHT, type ClaimLoad, type ClaimRate } from './market';
import { carryOut } from './request';

/** Until the code is compiled, and the connections are open. */
const WARM_UP_MS = 2_000;

/** Claims or sales by our own code in a closed loop. Returns how many a second. */
export async function claimByOurCode(
  databaseUrl: string,
  flights: readonly string[],
  { unit, market }: Pick<ClaimRate, 'unit' | 'market'>,
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
  const from = performance.now() + WARM_UP_MS;
  const endsAt = from + seconds * 1000;
  let done = 0;
  const client = async () => {
    while (performance.now() < endsAt) {
      await carryOut(unit, db, nextFlight());
      if (performance.now() >= from) done += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, client));
    return done / ((performance.now() - from) / 1000);
  } finally {
    await db.destroy();
  }
}
