import { mintToken } from '../../src/cli/mint';
import { query } from './postgres-cluster';
import type { Running } from './running';
import { viewLinks } from './ui-views';

/**
 * What to do with a stack that runs: its addresses, a token, and three commands that work as they
 * stand.
 */
export async function welcome(
  { settings, databaseUrl, temporalUiUrl, mailbox, secret }: Running,
  consoleUrl = `${settings.apiUrl}/console/`,
): Promise<string> {
  const { apiUrl, issuer, audience } = settings;
  const tokenFor = async (sub: string, scope: string) =>
    secret === undefined
      ? '<a token of the issuer behind AUTH_JWKS_URL>'
      : await mintToken({ secret, issuer, audience }, { sub, scope, expiresIn: '8h' });
  const flight = await someFlight(databaseUrl);
  return `
  API          ${apiUrl}/api/v1
  API docs     ${apiUrl}/docs
  Console      ${consoleUrl}
  Temporal UI  ${temporalUiUrl ?? '(wherever your Temporal has it)'}
  Mailbox      ${mailbox === undefined ? '(wherever SMTP_URL leads)' : `http://127.0.0.1:${mailbox.page}`}

A customer's token, for eight hours (npm run --silent token -- --sub user-1 makes more):

export TOKEN=${await tokenFor('user-1', 'bookings')}

${flight === undefined ? NO_FLIGHTS : commands(apiUrl, flight)}

Temporal keeps what customers send encrypted. ${secret === undefined ? OPERATORS_ELSEWHERE : OPERATORS}
${temporalUiUrl === undefined ? '' : describeViews(temporalUiUrl, settings.temporalNamespace)}
Ctrl-C stops it all; the data stay.
`;
}

/** A link would be too old by the time that someone follows it: it works for a minute. */
const OPERATORS = `This prints a link that opens its UI as an operator, who can read it, for eight hours. The
link works once, within a minute:

npm run --silent temporal-ui`;

/** Lists the links of the saved views. They work without a session, which only decrypts. */
function describeViews(uiUrl: string, namespace: string): string {
  const links = viewLinks(namespace).map(
    ({ name, path }) => `  ${name.padEnd(18)} ${uiUrl}${path}`,
  );
  return `\nViews of its list of workflows:\n\n${links.join('\n')}\n`;
}

const OPERATORS_ELSEWHERE = `An operator's token, sent by POST to /codec/session-codes of the API,
gets a link that opens its UI for someone who can read it.`;

const NO_FLIGHTS =
  'No flight of the schedule is still to come: more days (SCHEDULE_DAYS) bring more.';

function commands(apiUrl: string, flight: SampleFlight): string {
  const search = `origin=${flight.origin}&destination=${flight.destination}&date=${flight.date}`;
  const passengers = [{ givenName: 'Ada', familyName: 'Lovelace' }];
  const booking = JSON.stringify({ flightId: flight.id, passengers });
  const authorization = '-H "Authorization: Bearer $TOKEN"';
  return `Three commands to try: search flights, book a seat, list your bookings.

curl '${apiUrl}/api/v1/flights?${search}'
curl -X POST ${apiUrl}/api/v1/bookings ${authorization} -H 'Content-Type: application/json' -d '${booking}'
curl ${apiUrl}/api/v1/bookings ${authorization}`;
}

interface SampleFlight {
  id: string;
  origin: string;
  destination: string;
  date: string;
}

/** A flight that is on sale while the reader tries it: some days ahead if there is one. */
async function someFlight(databaseUrl: string): Promise<SampleFlight | undefined> {
  const [flight] = await query<SampleFlight>(
    databaseUrl,
    `SELECT id, origin, destination, to_char(departure_date, 'YYYY-MM-DD') AS date FROM flights
      WHERE departure_at > now() + interval '2 hours'
      ORDER BY departure_at < now() + interval '2 days', departure_at, id LIMIT 1`,
  );
  return flight;
}
