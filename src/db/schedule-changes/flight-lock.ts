import { lockSql, sharedLockSql } from '../named-lock';
import { statement } from '../statement';

/** The name of a flight's lock, for an SQL expression of its ID. */
const nameOf = (flightId: string) => `'flight/' || CAST(${flightId} AS text)`;

/**
 * Waits for all claims of a flight's seats that are under way, and keeps others out until the
 * transaction ends. What is read of the flight after it is what every later claim reads.
 */
export const LOCK_FLIGHT = statement<object, [flightId: string]>(
  'lock_flight',
  `SELECT ${lockSql(nameOf('$1'))}`,
);

/**
 * Serializes what counts against one customer's limits, and keeps schedule changes of the flights
 * out, until the transaction ends. Claims of different customers don't wait for one another.
 */
export const LOCK_CLAIM = statement<object, [customerId: string, flightIds: readonly string[]]>(
  'lock_claim',
  `SELECT ${lockSql('$1')}, (${lockFlightsSql('$2')}) AS flights`,
);

/** Keeps schedule changes of the flights out, until the transaction ends. */
export const LOCK_FLIGHTS = statement<object, [flightIds: readonly string[]]>(
  'lock_flights',
  lockFlightsSql('$1'),
);

function lockFlightsSql(flightIds: string): string {
  return `SELECT count(*) FROM unnest(CAST(${flightIds} AS uuid[])) AS wanted (id)
     CROSS JOIN LATERAL ${sharedLockSql(nameOf('wanted.id'))} AS locked`;
}
