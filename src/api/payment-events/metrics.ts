import { Counter, type Registry } from 'prom-client';
import type { z } from 'zod';
import type { PaymentEvent } from './schemas';

/** Counts an accepted event by its type; `unknown` is every type that we don't know. */
export type EventCounter = (type: z.output<typeof PaymentEvent>['type'] | 'unknown') => void;

/** Counts accepted payment events. Text of a sender is never a label. */
export function countPaymentEvents(registry: Registry): EventCounter {
  const events = new Counter({
    name: 'payment_events_total',
    help: 'Accepted payment events by type; those of types that we do not know have no effect.',
    labelNames: ['type'],
    registers: [registry],
  });
  return (type) => {
    events.inc({ type });
  };
}
