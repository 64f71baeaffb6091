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
