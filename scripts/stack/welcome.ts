import { query } from './cluster';
import { mintToken } from './mint';
import type { Running } from './running';

/** What to do with a stack that runs: its addresses, a token, and three commands that work as they stand. */
export async function welcome({
  settings,
  databaseUrl,
  temporalUiUrl,
  secret,
}: Running): Promise<string> {
  const { apiUrl, issuer, audience } = settings;
  const token =
    secret === undefined
      ? '<a token of the issuer behind AUTH_JWKS_URL>'
      : await mintToken(
          { secret, issuer, audience },
          { sub: 'user-1', scope: 'bookings', expiresIn: '8h' },
        );
  const flight = await someFlight(databaseUrl);
  const search = `origin=${flight.origin}&destination=${flight.destination}&date=${flight.date}`;
  const booking = {
    flightId: flight.id,
    passengers: [{ givenName: 'Ada', familyName: 'Lovelace' }],
  };
  return `
  API          ${apiUrl}/api/v1
  API docs     ${apiUrl}/docs
  Temporal UI  ${temporalUiUrl ?? '(wherever your Temporal has it)'}

A customer's token, for eight hours (npm run --silent token -- --sub user-1 makes more):

export TOKEN=${token}

Three commands to try: search flights, book a seat, list your bookings.

curl '${apiUrl}/api/v1/flights?${search}'
curl -X POST ${apiUrl}/api/v1/bookings -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '${JSON.stringify(booking)}'
curl ${apiUrl}/api/v1/bookings -H "Authorization: Bearer $TOKEN"

Ctrl-C stops it all; the data stay.
`;
}

interface SampleFlight {
  id: string;
  origin: string;
  destination: string;
  date: string;
}

/** A flight some days ahead, still on sale while the reader tries it. */
async function someFlight(databaseUrl: string): Promise<SampleFlight> {
  const [flight] = await query<SampleFlight>(
    databaseUrl,
    `SELECT id, origin, destination, to_char(departure_date, 'YYYY-MM-DD') AS date FROM flights
      WHERE departure_at > now() + interval '2 days' ORDER BY departure_at, id LIMIT 1`,
  );
  if (flight === undefined) throw new Error('Bug: the schedule has no flight to come');
  return flight;
}
