import type { Logger } from '../../telemetry/logger';
import type { WorkKind } from './kinds';

/** A line for each refusal would cost more than the refusal. */
const EVERY_MS = 1_000;

/**
 * Logs how many requests were refused, by kind, once a second while there are any. Returns what to
 * call for each refusal.
 */
export function logRefusals(logger: Logger): (kind: WorkKind) => void {
  let refused: Partial<Record<WorkKind, number>> = {};
  const report = () => {
    logger.warn('Refused requests: too many are under way', { refused });
    refused = {};
  };
  return (kind) => {
    if (Object.keys(refused).length === 0) setTimeout(report, EVERY_MS).unref();
    refused[kind] = (refused[kind] ?? 0) + 1;
  };
}
