import type { Fare, FareConditions } from '../fare';

/** What the airline of the sandbox, or its other passengers, do to a flight. */
export type Scenario =
  /** It has one seat. */
  | 'last_seat'
  /** Holding its seats takes longer than a client waits. */
  | 'slow_hold'
  /** As soon as somebody has a seat, others take the rest one by one. */
  | 'seats_go'
  /** As soon as somebody has paid, the airline cancels it. */
  | 'is_cancelled'
  /** As soon as somebody has paid, the airline moves it. */
  | 'is_moved';

export interface ScenarioFlight {
  /** Without the carrier's code. */
  number: number;
  /** Local at the origin, `HH:MM`. */
  departs: string;
  seatCount: number;
  scenario: Scenario;
  /** What to try, and what happens, in Markdown. */
  what: string;
}

export const SCENARIO_CARRIER = { code: 'XX', name: 'Sandbox Airlines' } as const;

/** A way that no other flight has, so that nobody finds these flights who doesn't look for them. */
export const SCENARIO_ROUTE = {
  origin: { iata: 'ZZA', name: 'Sandbox North', timeZone: 'America/New_York' },
  destination: { iata: 'ZZB', name: 'Sandbox South', timeZone: 'America/New_York' },
} as const;

/** One adult pays 120 dollars; cancelling costs 25 of them. */
export const SCENARIO_FARE: Fare = { base: 10_000, taxes: 1_000, fees: 1_000, currency: 'USD' };
export const SCENARIO_CONDITIONS: FareConditions = {
  refundable: true,
  cancellationFee: { amount: 2_500, currency: 'USD' },
};

export const SCENARIO_FLIGHT_MINUTES = 120;

/** How long a slow hold takes, in milliseconds: a client has its answer within ten seconds. */
export const SLOW_HOLD_MS = 12_000;

/** How far the airline moves a flight, in milliseconds: enough for a full refund. */
export const MOVED_BY_MS = 4 * 60 * 60 * 1000;

/**
 * The flights that are there to be tried out, once a day each, where the sandbox is the provider
 * and not in production. The reference of the API and `docs/scenarios.md` show this table, and a
 * test books each of them.
 */
export const SCENARIO_FLIGHTS = [
  {
    number: 101,
    departs: '09:00',
    seatCount: 1,
    scenario: 'last_seat',
    what: 'has one seat: book it, and the next one gets 409 `seats_unavailable`, as two passengers do at once',
  },
  {
    number: 102,
    departs: '10:00',
    seatCount: 60,
    scenario: 'slow_hold',
    what: 'the create answers 202 `initiated` after 9 s; some seconds later the booking is `pending`, and the same request again gets 201',
  },
  {
    number: 103,
    departs: '11:00',
    seatCount: 6,
    scenario: 'seats_go',
    what: 'once a seat is held, others take the rest, one each second: look at the seat map, then ask for a seat that was free. They let them go at their deadline',
  },
  {
    number: 104,
    departs: '12:00',
    seatCount: 60,
    scenario: 'is_cancelled',
    what: 'once somebody has paid, the airline cancels it: `scheduleChange.kind` is `cancelled`, and cancelling gives everything back. It stays cancelled: take another day then',
  },
  {
    number: 105,
    departs: '13:00',
    seatCount: 60,
    scenario: 'is_moved',
    what: 'once somebody has paid, the airline moves it by four hours: accept it, change, or cancel for a full refund. It is moved once: take another day then',
  },
] as const satisfies readonly ScenarioFlight[];

/** The number as printed on a ticket. */
export type ScenarioFlightNumber = `XX${(typeof SCENARIO_FLIGHTS)[number]['number']}`;
