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
  const { digits, figures } = formatOf(currency);
  return `${figures.format(amount / 10 ** digits)} ${currency}`;
}

interface CurrencyFormat {
  /** Digits of the minor unit. */
  digits: number;
  figures: Intl.NumberFormat;
}

/** By currency, since creating a format takes far longer than using it. */
const formats = new Map<string, CurrencyFormat>();

function formatOf(currency: string): CurrencyFormat {
  const known = formats.get(currency);
  if (known !== undefined) return known;
  const inCurrency = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = inCurrency.resolvedOptions().maximumFractionDigits ?? 0;
  const figures = new Intl.NumberFormat('en', { minimumFractionDigits: digits });
  const format = { digits, figures };
  formats.set(currency, format);
  return format;
}
