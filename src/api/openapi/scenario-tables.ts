import { SCENARIO_CARRIER, SCENARIO_FLIGHTS } from '../../domain/flight-schedule/scenario-flights';
import { CARDS } from '../../payments/sandbox/cards';

/** What the sandbox does on purpose, as tables in Markdown: for the reference, and for the docs. */

export const CARD_TABLE = table(
  ['paymentMethod', 'the answer to the payment', 'and then'],
  CARDS.map(({ paymentMethod, answer, then }) => [`\`${paymentMethod}\``, answer, then]),
);

export const FLIGHT_TABLE = table(
  ['flight', 'leaves at', 'what happens'],
  SCENARIO_FLIGHTS.map(({ number, departs, what }) => [
    `${SCENARIO_CARRIER.code}${String(number)}`,
    departs,
    what,
  ]),
);

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
