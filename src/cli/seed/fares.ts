import type { Cabin } from '../../domain/cabin';
import { adultPrice, type Fare, type FareConditions } from '../../domain/fare';
import { percentOf } from '../../domain/money';

/**
 * Prices are synthetic: the schedule extract has none. They follow distance, cabin, demand, and how
 * many days ahead of its departure a flight was put on sale. A stored price stays: a flight is
 * priced once.
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
   * The carrier's own number of the flight: stands for what a flight's timetable neighbours do to
   * its demand.
   */
  number: number;
  /** Whole days from the day that the flight is put on sale to the day that it leaves. */
  daysAhead: number;
}

const CURRENCY = 'USD';

/**
 * Economy's base fare on a day of usual demand: 49 dollars, and 11 cents for each mile; 158 dollars
 * for 1,000 miles.
 */
const BASE_CENTS = 4_900;
const CENTS_PER_MILE = 11;

/** Dearer in the order of CABINS on any one flight. */
const PERCENT_OF_ECONOMY: Record<Cabin, number> = {
  economy: 100,
  premium_economy: 150,
  business: 280,
  first: 300,
};

/**
 * Taxes of a domestic US ticket, 26 U.S.C. 4261: 7.5 % of the base fare, and 5.20 dollars for the
 * segment (2025).
 */
const TAX_PER_MILLE = 75;
const SEGMENT_TAX_CENTS = 520;

/**
 * Fees: 5.60 dollars for security (49 CFR 1510.5), and 4.50 dollars, the most an airport may charge
 * (14 CFR 158.5).
 */
const FEES_CENTS = 560 + 450;

/** On a flight less asked for than this, economy is sold as a saver fare, which is not refunded. */
const SAVER_BELOW_PERCENT = 90;

/** What it costs to cancel a fare that is refundable, in cents. */
const CANCELLATION_FEE_CENTS: Record<Cabin, number> = {
  economy: 7_500,
  premium_economy: 5_000,
  business: 0,
  first: 0,
};

/**
 * What fewer days ahead do to a fare, in percent of the usual: whoever flies tomorrow has less
 * choice.
 */
const ADVANCE_PERCENT = [
  { daysAhead: 21, percent: 90 },
  { daysAhead: 14, percent: 95 },
  { daysAhead: 7, percent: 100 },
  { daysAhead: 3, percent: 115 },
  { daysAhead: 0, percent: 130 },
];

/** The step that a flight is on: never dearer with more days ahead. */
export function advancePercent(daysAhead: number): number {
  return ADVANCE_PERCENT.find((step) => daysAhead >= step.daysAhead)?.percent ?? 130;
}

/** How much is asked for a flight in percent of the usual, from 75 to 130. */
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

/** One adult's fare. Whole cents throughout; each percentage is rounded half up as it is taken. */
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
 * The rules of that fare: business and first are refunded in full, economy and premium economy less
 * a fee.
 *
 * A saver fare is not refunded: `refundable` is false and its fee is all that was paid, so either
 * alone says that nothing comes back.
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
