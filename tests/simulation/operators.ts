import type { SimulatedTemporal } from './temporal';
import { MINUTE_MS, STARTED_AT, type World } from './world';
import type { Agenda } from './agenda';

/** When an operator looks at the refunds that wait for one, in minutes after the request. */
const LOOKS = [2, 5, 20, 65, 100, 240, 400, 49 * 60, 52 * 60, 60 * 60, 75 * 60, 80 * 60];

/**
 * Operators, who look at refunds now and then: they return the money by hand and close the refund,
 * or have the provider asked again. What is refused, since the provider is just being asked, they
 * try again the next time. Reconciliation starts refund workflows that are not there.
 */
export function operatorsLook(temporal: SimulatedTemporal, agenda: Agenda, world: World): void {
  let number = 0;
  const look = (isLast: boolean) => {
    for (const { paymentId, refundId, status } of world.refunds)
      if (status !== 'succeeded') world.startRefund(paymentId, refundId);
    // A late try may have settled it after another one was refused: its workflow waits all the same.
    for (const [id, { isOver }] of temporal.workflows) {
      if (isOver || !id.startsWith('refund-')) continue;
      const workflow = temporal.running(id);
      number += 1;
      if (isLast || world.random() < 0.7)
        workflow?.update(`settle-${number}`, 'settleRefund', { settledBy: 'op', note: 'by hand' });
      else workflow?.update(`retry-${number}`, 'retryRefund', { requestedBy: 'op', note: 'now' });
    }
    for (const { id } of world.paymentsUnderWay())
      if (temporal.running(`booking-${world.view().id}`) === undefined) world.startRefund(id);
  };
  for (const [index, minutes] of LOOKS.entries())
    agenda.at(STARTED_AT + minutes * MINUTE_MS, () => {
      look(index === LOOKS.length - 1);
    });
}
