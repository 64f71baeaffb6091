import type { Cabin } from '../cabin';
import { adultPrice, type Fare, type FareConditions } from '../fare';
import { percentOf } from '../money';

/**
 * Prices are synthetic: the schedule extract has none. They follow distance, cabin, demand, and how
 * many days before departure a flight is put on sale. A flight is priced once: a stored price
 * stays.
 */

/**
 * What a fare depends on. The weekday (1 is Monday) and the hour (0 to 23) are local at the origin.
 */
interface FareBasis {
  cabin: Cabin;
  distanceMiles: number;
  weekday: number;
  hour: number;
  /**
   * The carrier's own number of the flight. It stands for the effect of neighbouring flights on
   * demand.
   */
  number: number;
  /** Whole days from the day that the flight is put on sale to the day of departure. */
  daysAhead: number;
}

const CURRENCY = 'USD';

/**
 * Economy's base fare on a day of usual demand: 49 dollars, and 11 cents per mile. That is 159
 * dollars for 1,000 miles.
 */
const BASE_CENTS = 4_900;
const CENTS_PER_MILE = 11;

/** Increases in the order of CABINS on any one flight. */
const PERCENT_OF_ECONOMY: Record<Cabin, number> = {
  economy: 100,
  premium_economy: 150,
  business: 280,
  first: 300,
};

/**
 * Taxes of a domestic US ticket (26 U.S.C. 4261): 7.5 % of the base fare, and 5.20 dollars for the
 * segment (2025).
 */
const TAX_PER_MILLE = 75;
const SEGMENT_TAX_CENTS = 520;

/**
 * Fees: 5.60 dollars for security (49 CFR 1510.5), and 4.50 dollars, the most an airport may charge
 * (14 CFR 158.5).
 */
const FEES_CENTS = 560 + 450;

/** Below this demand, economy is sold as a saver fare, which is not refunded. */
const SAVER_BELOW_PERCENT = 90;

/** The fee for cancelling a refundable fare, in cents. */
const CANCELLATION_FEE_CENTS: Record<Cabin, number> = {
  economy: 7_500,
  premium_economy: 5_000,
  business: 0,
  first: 0,
};

/**
 * The fare by days before departure, in percent of the usual fare: passengers who book late have
 * less choice.
 */
const ADVANCE_PERCENT = [
  { daysAhead: 21, percent: 90 },
  { daysAhead: 14, percent: 95 },
  { daysAhead: 7, percent: 100 },
  { daysAhead: 3, percent: 115 },
  { daysAhead: 0, percent: 130 },
];

/** Returns the percentage for a flight: never higher with more days ahead. */
export function advancePercent(daysAhead: number): number {
  return ADVANCE_PERCENT.find((step) => daysAhead >= step.daysAhead)?.percent ?? 130;
}

/** Returns the demand for a flight in percent of the usual, from 75 to 130. */
export function demandPercent({
  weekday,
  hour,
  number,
}: Pick<FareBasis, 'weekday' | 'hour' | 'number'>): number {
  const day = [5, 7].includes(weekday) ? 15 : [2, 3, 6].includes(weekday) ? -10 : 0;
  const isPeakHour = (hour >= 6 && hour < 9) || (hour >= 16 && hour < 19);
  const time = isPeakHour ? 10 : hour < 6 || hour >= 21 ? -10 : 0;
  return 100 + day + time + (((number * 7) % 11) - 5);
}

/**
 * Returns one adult's fare, in whole cents. Each percentage is rounded half up when it is applied.
 */
export function fareOf(basis: FareBasis): Fare {
  const usual = BASE_CENTS + CENTS_PER_MILE * basis.distanceMiles;
  const economy = percentOf(
    percentOf(usual, demandPercent(basis)),
    advancePercent(basis.daysAhead),
  );
  const base = percentOf(economy, PERCENT_OF_ECONOMY[basis.cabin]);
  const taxes = Math.floor((base * TAX_PER_MILLE + 500) / 1000) + SEGMENT_TAX_CENTS;
  return { base, taxes, fees: FEES_CENTS, currency: CURRENCY };
}

/**
 * Returns the conditions of that fare. Business and first are refunded in full, economy and premium
 * economy less a fee.
 *
 * A saver fare is not refunded: `refundable` is false and its fee is all that was paid, so either
 * alone says that nothing is refunded.
 */
export function conditionsOf(basis: FareBasis): FareConditions {
  const isSaver = basis.cabin === 'economy' && demandPercent(basis) < SAVER_BELOW_PERCENT;
  return isSaver
    ? { refundable: false, cancellationFee: adultPrice(fareOf(basis)) }
    : {
        refundable: true,
        cancellationFee: { amount: CANCELLATION_FEE_CENTS[basis.cabin], currency: CURRENCY },
      };
}
