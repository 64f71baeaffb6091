/**
 * An amount of money: a whole number of the currency's minor unit (cents of USD), and the
 * currency's ISO 4217 code.
 */
export interface Money {
  amount: number;
  currency: string;
}

/**
 * Returns a whole percentage of an amount in minor units, rounded half up to the next whole unit.
 *
 * Integer arithmetic throughout: no intermediate value is a fraction.
 */
export function percentOf(amount: number, percent: number): number {
  return Math.floor((amount * percent + 50) / 100);
}

export function isSameMoney(one: Money, other: Money): boolean {
  return one.amount === other.amount && one.currency === other.currency;
}

/** Formats an amount for people to read, such as `1,048.74 USD`. */
export function formatMoney({ amount, currency }: Money): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 0;
  const figure = (amount / 10 ** digits).toLocaleString('en', { minimumFractionDigits: digits });
  return `${figure} ${currency}`;
}
