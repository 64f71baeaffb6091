import * as fc from 'fast-check';
import { splitRefund } from './refund-split';

const NEWEST_FIRST = [
  { paymentId: 'second', captured: 100, refunded: 0 },
  { paymentId: 'first', captured: 300, refunded: 50 },
];

test.each([
  ['the newest capture covers it', 80, [{ paymentId: 'second', amount: 80 }]],
  [
    'the newest is given back before an older one is touched',
    120,
    [
      { paymentId: 'second', amount: 100 },
      { paymentId: 'first', amount: 20 },
    ],
  ],
  ['nothing goes back', 0, []],
])('%s', (_case, amount, parts) => {
  expect(splitRefund(amount, NEWEST_FIRST)).toEqual(parts);
});

test('no capture gives back more than is left of it, and the parts sum to the refund', () => {
  const captures = fc.array(
    fc.record({ captured: fc.nat(10_000), share: fc.nat(100) }).map(({ captured, share }) => ({
      captured,
      refunded: Math.floor((captured * share) / 100),
    })),
  );
  fc.assert(
    fc.property(captures, fc.nat(100), (parts, percent) => {
      const known = parts.map((part, index) => ({ ...part, paymentId: String(index) }));
      const left = known.reduce((sum, { captured, refunded }) => sum + captured - refunded, 0);
      const amount = Math.floor((left * percent) / 100);
      const split = splitRefund(amount, known);
      expect(split.reduce((sum, part) => sum + part.amount, 0)).toBe(amount);
      for (const part of split) {
        const { captured, refunded } = known[Number(part.paymentId)]!;
        expect(part.amount).toBeGreaterThan(0);
        expect(part.amount).toBeLessThanOrEqual(captured - refunded);
      }
    }),
  );
});

test('more than all captures cover is a bug, not a refund', () => {
  expect(() => splitRefund(351, NEWEST_FIRST)).toThrow('not covered');
});
