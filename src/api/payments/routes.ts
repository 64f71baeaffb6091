import { Router } from 'express';
import type { Db } from '../../db/connection';
import type { BookingWorkflows } from '../../temporal/clients/bookings';
import { customerOf } from '../auth';
import { requiredIdempotencyKeyOf } from '../idempotency';
import { pay } from './pay';
import { MakePaymentRequest } from './schemas';

/** Pay for bookings. */
export function paymentRoutes(deps: { db: Db; workflows: BookingWorkflows }): Router {
  const routes = Router();

  routes.post('/payments', async (req, res) => {
    const caller = customerOf(res);
    const key = requiredIdempotencyKeyOf(req);
    const request = MakePaymentRequest.parse(req.body);
    await pay(deps, { caller, request, key }, res);
  });

  return routes;
}
