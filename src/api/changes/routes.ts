import { Router } from 'express';
import { z } from 'zod';
import { readChange } from '../../db/changes/change-view';
import type { Db } from '../../db/connection';
import { addLogContext } from '../../telemetry/logger';
import type { BookingWorkflows } from '../../temporal/clients/bookings';
import { callerOf } from '../auth';
import { requireVisibleBooking } from '../bookings/read';
import { requiredIdempotencyKeyOf } from '../idempotency';
import { nameBooking, Problem } from '../problem';
import { makeChange } from './make-change';
import { quoteChange } from './quote';
import { ChangeQuoteRequest, ChangeRequest } from './schemas';

/** Quote, make and read changes of a booking. */
export function changeRoutes(deps: { db: Db; workflows: BookingWorkflows }): Router {
  const routes = Router();

  routes.post('/:id/change-quotes', async (req, res) => {
    const { booking } = await requireVisibleBooking(deps, callerOf(res), req.params.id);
    nameBooking(res, booking.id);
    const { slices: exchanges } = ChangeQuoteRequest.parse(req.body);
    res.status(201).json(await quoteChange(deps.db, { bookingId: booking.id, exchanges }));
  });

  routes.post('/:id/changes', async (req, res) => {
    const caller = callerOf(res);
    const key = requiredIdempotencyKeyOf(req);
    const { booking } = await requireVisibleBooking(deps, caller, req.params.id);
    addLogContext({ workflowId: booking.workflowId });
    nameBooking(res, booking.id);
    const request = ChangeRequest.parse(req.body);
    await makeChange(deps, { caller, booking, request, key }, res);
  });

  routes.get('/:id/changes/:changeId', async (req, res) => {
    const { booking } = await requireVisibleBooking(deps, callerOf(res), req.params.id);
    const { changeId } = req.params;
    const change = z.uuid().safeParse(changeId).success
      ? await readChange(deps.db, booking.id, changeId)
      : undefined;
    if (change === undefined)
      throw new Problem('change_not_found', 'The booking has no such change.');
    res.json(change);
  });

  return routes;
}
