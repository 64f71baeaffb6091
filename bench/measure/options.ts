import { InvalidArgumentError } from 'commander';

/** Parses an option's whole number within limits, both included. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return value;
  };
}

/** A week at least, so that every database has every weekday; the schedule's own limit at most. */
const days = wholeNumber(7, 330);

/** Parses an option like `7,60`: different numbers of days, the fewest first. */
export function dayCounts(text: string): number[] {
  return [...new Set(text.split(',').map(days))].sort((a, b) => a - b);
}
