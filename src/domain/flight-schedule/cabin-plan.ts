import type { Cabin } from '../cabin';

/** A type of aircraft with its number of seats; flights of one type share one object. */
export interface AircraftType {
  model: string;
  seatCount: number;
}

/** A part of an aircraft: its number of seats, and the number of seats in a full row. */
export interface CabinSection {
  cabin: Cabin;
  seatCount: number;
  seatsPerRow: number;
}

type SeatsPerRow = Partial<Record<Cabin, number>> & { economy: number };

/**
 * Seats in a row by fuselage and cabin, as airlines usually fit them: an EMB-145 is 1-2 abreast, a
 * 737 3-3, an A330 2-4-2.
 */
const FUSELAGES: [models: RegExp, seatsPerRow: SeatsPerRow][] = [
  [/EMB-145/, { economy: 3 }],
  [/CL-600|ERJ 190/, { first: 3, economy: 4 }],
  [/717|DC-9|MD-/, { first: 4, economy: 5 }],
  [/737|757|A319|A320|A321/, { first: 4, economy: 6 }],
  [/767/, { business: 5, premium_economy: 6, economy: 7 }],
  [/A330/, { business: 4, premium_economy: 7, economy: 8 }],
];

/**
 * Below this, regional jets have one class: US pilots' contracts draw the line between regional and
 * mainline at 76 seats.
 */
const SMALLEST_WITH_FIRST_CLASS = 76;

/** A first class on a narrow-body has 8 to 20 seats. */
const FIRST_CLASS_SEATS = { least: 8, most: 20 };

/**
 * Divides an aircraft into cabins from front to back; they sum to its seat count exactly.
 *
 * One aisle: first class is about a twelfth of the seats. Two aisles: business and premium economy
 * are about a tenth each. Premium cabins have full rows only; economy takes what is left. The
 * carrier does not matter, although some have one class only.
 */
export function planCabins({ model, seatCount }: AircraftType): CabinSection[] {
  const seatsPerRow = FUSELAGES.find(([models]) => models.test(model))?.[1];
  if (seatsPerRow === undefined)
    throw new Error(`Bug: how wide is a ${model}? Add it to FUSELAGES`);

  const premium = premiumCabins(seatCount, seatsPerRow);
  const left = seatCount - premium.reduce((sum, section) => sum + section.seatCount, 0);
  return [...premium, { cabin: 'economy', seatCount: left, seatsPerRow: seatsPerRow.economy }];
}

function premiumCabins(
  seatCount: number,
  { first, business, premium_economy: premium }: SeatsPerRow,
): CabinSection[] {
  if (first !== undefined && seatCount >= SMALLEST_WITH_FIRST_CLASS) {
    const least = Math.ceil(FIRST_CLASS_SEATS.least / first);
    const most = Math.floor(FIRST_CLASS_SEATS.most / first);
    const rows = Math.min(most, Math.max(least, Math.round(seatCount / 12 / first)));
    return [section('first', rows, first)];
  }
  if (business !== undefined && premium !== undefined) {
    return [
      section('business', Math.round(seatCount / 10 / business), business),
      section('premium_economy', Math.round(seatCount / 10 / premium), premium),
    ];
  }
  return [];
}

function section(cabin: Cabin, rows: number, seatsPerRow: number): CabinSection {
  return { cabin, seatCount: rows * seatsPerRow, seatsPerRow };
}
