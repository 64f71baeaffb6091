import type { Price } from '../../domain/fare';

/** The columns of a booking that say what it costs. */
export interface PriceColumns {
  base_amount: number;
  taxes_amount: number;
  fees_amount: number;
  price_amount: number;
  currency: string;
}

/** Returns what a booking costs. */
export function toPrice(row: PriceColumns): Price {
  return {
    amount: row.price_amount,
    currency: row.currency,
    breakdown: { base: row.base_amount, taxes: row.taxes_amount, fees: row.fees_amount },
  };
}

/** Returns the columns that say a price. */
export function priceColumns({ amount, currency, breakdown }: Price): PriceColumns {
  return {
    base_amount: breakdown.base,
    taxes_amount: breakdown.taxes,
    fees_amount: breakdown.fees,
    price_amount: amount,
    currency,
  };
}
