import type { PassengerType } from './passenger';

/** From the first age on, and below the second, in whole years. */
const AGES: Record<PassengerType, readonly [from: number, below: number]> = {
  infant: [0, 2],
  child: [2, 12],
  adult: [12, 131],
};

/**
 * Returns how many birthdays someone has had by the end of a day; below zero before their birth.
 * Who was born on February 29 has their birthday on March 1 in years without that day.
 *
 * @param bornOn - `YYYY-MM-DD`, as `day`.
 */
export function ageOn(day: string, bornOn: string): number {
  const years = Number(day.slice(0, 4)) - Number(bornOn.slice(0, 4));
  return day.slice(5) < bornOn.slice(5) ? years - 1 : years;
}

/**
 * Returns what is wrong with the date of birth of a passenger of this type, who flies last on
 * `day`; undefined if nothing is.
 */
export function findAgeFault(
  { type, bornOn }: { type: PassengerType; bornOn: string },
  day: string,
): string | undefined {
  const age = ageOn(day, bornOn);
  const [from, below] = AGES[type];
  if (age >= from && age < below) return undefined;
  if (age < 0) return 'The date of birth is after the day of the last flight.';
  switch (type) {
    case 'infant':
      return 'An infant is under 2 on the day of the last flight.';
    case 'child':
      return 'A child is 2 to 11 on the day of the last flight.';
    case 'adult':
      return 'An adult is at least 12, and at most 130, on the day of the last flight.';
    default:
      throw new Error(`Bug: ${String(type satisfies never)} is no type`);
  }
}

/** Someone of a party, by their place in it, whose date of birth does not fit what they fly as. */
export interface AgeFault {
  passenger: number;
  detail: string;
}

/** Returns everyone of a party whose date of birth is known, and does not fit a last flight on `day`. */
export function findAgeFaults(
  party: readonly { type: PassengerType; bornOn?: string | null | undefined }[],
  day: string,
): AgeFault[] {
  return party.flatMap(({ type, bornOn }, passenger) => {
    const detail = bornOn ? findAgeFault({ type, bornOn }, day) : undefined;
    return detail === undefined ? [] : [{ passenger, detail }];
  });
}

/** Says who of a party does not fit, and why: `Passenger 2: An infant is …`. */
export function describeAgeFault({ passenger, detail }: AgeFault): string {
  return `Passenger ${String(passenger + 1)}: ${detail}`;
}
