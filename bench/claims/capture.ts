import { Client } from 'pg';
import type { Statement } from './script';

type Query = (this: Client, first: unknown, second?: unknown, ...rest: unknown[]) => unknown;

/**
 * Does the work, and returns every statement that it had the driver send, in their order, beside its
 * result. They are taken on their way out, not copied: what is measured is what the code does now.
 */
export async function captureStatements<Result>(
  work: () => Promise<Result>,
): Promise<{ statements: Statement[]; result: Result }> {
  const sent: Statement[] = [];
  const prototype = Client.prototype as unknown as { query: Query };
  const original = prototype.query;
  prototype.query = function (first, second, ...rest) {
    sent.push(...statementsOf(first, second));
    return original.call(this, first, second, ...rest);
  };
  try {
    return { result: await work(), statements: sent };
  } finally {
    prototype.query = original;
  }
}

function statementsOf(first: unknown, second: unknown): Statement[] {
  const values = Array.isArray(second) ? (second as unknown[]) : [];
  if (typeof first === 'string') return [{ text: first, values }];
  const sent = first as { text: string; values?: unknown[]; calls?: Statement[] };
  // Statements that go together in one round trip.
  if (sent.calls !== undefined) return sent.calls.map(({ text, values }) => ({ text, values }));
  return [{ text: sent.text, values: sent.values ?? values }];
}
