import { percentOf, type Money } from './money';
import { isSeated, type PassengerType } from './passenger';

/** What one adult pays in a cabin, in the currency's minor unit. */
export interface Fare {
  base: number;
  taxes: number;
  fees: number;
  currency: string;
}

/** A price and its parts, which sum to the amount exactly. */
export interface Price extends Money {
  breakdown: { base: number; taxes: number; fees: number };
}

/** The fare rules of a cabin. */
export interface FareConditions {
  refundable: boolean;
  cancellationFee: Money;
}

/** Whether the flights of a fare may be exchanged, and what each exchange costs beside the fares. */
export interface ChangeTerms {
  changeable: boolean;
  changeFee: Money;
}

/** A change costs half of what a cancellation does: the airline keeps the customer. */
const CHANGE_FEE_PERCENT = 50;

/**
 * IATA's customary fare for a child under two without a seat: 10 % of the adult's base fare, no
 * taxes, no fees.
 */
const INFANT_PERCENT = 10;

export function adultPrice(fare: Fare): Money {
  return { amount: fare.base + fare.taxes + fare.fees, currency: fare.currency };
}

/**
 * Prices a party. Everyone seated pays the adult's price. An infant pays 10 % of the base fare;
 * each infant's fare is rounded half up on its own.
 */
export function quoteFare(fare: Fare, party: readonly { type: PassengerType }[]): Price {
  const seated = party.filter(isSeated).length;
  const infants = party.length - seated;
  const breakdown = {
    base: seated * fare.base + infants * percentOf(fare.base, INFANT_PERCENT),
    taxes: seated * fare.taxes,
    fees: seated * fare.fees,
  };
  const amount = breakdown.base + breakdown.taxes + breakdown.fees;
  return { amount, currency: fare.currency, breakdown };
}

/** Adds the prices of one party on several flights. */
export function addPrices(prices: readonly Price[]): Price {
  const sumOf = (part: (price: Price) => number) =>
    prices.reduce((sum, price) => sum + part(price), 0);
  return {
    amount: sumOf(({ amount }) => amount),
    currency: commonCurrency(prices),
    breakdown: {
      base: sumOf(({ breakdown }) => breakdown.base),
      taxes: sumOf(({ breakdown }) => breakdown.taxes),
      fees: sumOf(({ breakdown }) => breakdown.fees),
    },
  };
}

/**
 * Returns the fare rules of several flights that are sold together: refundable only if every one
 * is, and the highest of the cancellation fees, once.
 */
export function combineConditions(conditions: readonly FareConditions[]): FareConditions {
  const fees = conditions.map(({ cancellationFee }) => cancellationFee);
  return {
    refundable: conditions.every(({ refundable }) => refundable),
    cancellationFee: {
      amount: Math.max(...fees.map(({ amount }) => amount)),
      currency: commonCurrency(fees),
    },
  };
}

/**
 * Returns the change rules of a fare. A standard fare can be changed, for half of its cancellation
 * fee; a saver fare can't be.
 *
 * The rules of several flights together are those of their combined conditions: changeable only if
 * every one is, and the highest of the fees, once.
 */
export function changeTermsOf({ refundable, cancellationFee }: FareConditions): ChangeTerms {
  const { amount, currency } = cancellationFee;
  return {
    changeable: refundable,
    changeFee: { amount: refundable ? percentOf(amount, CHANGE_FEE_PERCENT) : 0, currency },
  };
}

/** The fare rules of a cabin, as customers read them. */
export type FareRules = FareConditions & ChangeTerms;

export function fareRulesOf(conditions: FareConditions): FareRules {
  return { ...conditions, ...changeTermsOf(conditions) };
}

/** @throws `Bug: …` for nothing, and for several currencies: these are refused before. */
function commonCurrency(money: readonly Pick<Money, 'currency'>[]): string {
  const [currency, ...others] = new Set(money.map((each) => each.currency));
  if (currency === undefined || others.length > 0)
    throw new Error(`Bug: what is sold together has one currency, not ${money.length}`);
  return currency;
}
