import { Router } from 'express';
import { findBookingStatus } from '../../db/booking-view';
import type { Db } from '../../db/connection';
import { isPaymentOnRecord } from '../../db/payment-view';
import { addLogContext } from '../../logger';
import { bookingWorkflowId } from '../../temporal/contracts';
import { parseJsonBytes, rawBody } from '../body';
import type { PaymentNews } from './news';
import { PaymentEvent } from './schemas';
import { requireSignature } from './signature';

/** News of other services that they were paid for a booking. What becomes of the money is no business of theirs: a valid event is accepted. */
export function paymentEventRoutes({
  db,
  news,
  secrets,
}: {
  db: Db;
  news: PaymentNews;
  secrets: readonly string[];
}): Router {
  const routes = Router();

  routes.post('/', rawBody, async (req, res) => {
    const body = req.body as Buffer;
    requireSignature(req, body, secrets);
    const { data: payment } = PaymentEvent.parse(parseJsonBytes(body));
    addLogContext({ workflowId: bookingWorkflowId(payment.bookingId) });
    if (!(await isPaymentOnRecord(db, payment)))
      await news.deliver(payment, () => findBookingStatus(db, payment.bookingId));
    res.status(202).end();
  });

  return routes;
}
