import type { Money } from '../../domain/money';
import { LANGUAGE } from './language';

/**
 * Returns an amount as people write it, such as `$1,048.74`. Currencies without a minor unit have no
 * decimals: `¥12,000`.
 */
export function amountText({ amount, currency }: Money): string {
  const format = new Intl.NumberFormat(LANGUAGE, { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 0;
  return format.format(amount / 10 ** digits);
}
