import { Router } from 'express';
import type { Db } from '../../db/connection';
import { isPaymentOnRecord } from '../../db/payments/payment-view';
import { addLogContext } from '../../telemetry/logger';
import { bookingWorkflowId } from '../../temporal/contracts/booking';
import { parseJsonBytes, rawBody } from '../body';
import type { EventCounter } from './metrics';
import type { PaymentEventWorkflows } from './payment-event-workflows';
import { acceptReport } from './reports';
import { parsePaymentEvent } from './schemas';
import { requireSignature } from './signature';

/**
 * Reports of other services that they were paid for a booking. Every valid event is accepted,
 * whatever becomes of its money.
 */
export function paymentEventRoutes({
  db,
  paymentEvents,
  secrets,
  count,
}: {
  db: Db;
  paymentEvents: PaymentEventWorkflows;
  secrets: readonly string[];
  count: EventCounter;
}): Router {
  const routes = Router();

  routes.post('/', rawBody, async (req, res) => {
    const body = req.body as Buffer;
    requireSignature(req, body, secrets);
    const event = parsePaymentEvent(parseJsonBytes(body));
    if (event !== undefined) {
      const payment = event.data;
      addLogContext({ workflowId: bookingWorkflowId(payment.bookingId) });
      if (!(await isPaymentOnRecord(db, payment)))
        await acceptReport({ db, paymentEvents }, payment);
    }
    count(event === undefined ? 'unknown' : event.type);
    res.status(202).end();
  });

  return routes;
}
