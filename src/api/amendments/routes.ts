import { Router } from 'express';
import { addLogContext } from '../../telemetry/logger';
import { callerOf } from '../auth';
import { requireVisibleBooking } from '../bookings/read';
import { idempotencyKeyOf } from '../idempotency';
import { nameBooking } from '../problem';
import { sendAmended, type Amending } from './amend';
import { chooseSeats } from './choose-seats';
import { correctName } from './correct-name';
import { ChooseSeatsRequest, CorrectNameRequest } from './schemas';

/** Correct names, and choose other seats: what a booking allows free of charge. */
export function amendmentRoutes(deps: Amending): Router {
  const routes = Router();

  routes.patch('/:id/passengers/:passengerId', async (req, res) => {
    const caller = callerOf(res);
    const key = idempotencyKeyOf(req);
    const { booking } = await requireVisibleBooking(deps, caller, req.params.id);
    addLogContext({ workflowId: booking.workflowId });
    nameBooking(res, booking.id);
    const passengerId = req.params.passengerId.toLowerCase();
    const content = { passengerId, ...CorrectNameRequest.parse(req.body) };
    const correction = { caller, booking, content, key };
    await sendAmended(res, deps, 'passengers', correction, correctName);
  });

  routes.post('/:id/seats', async (req, res) => {
    const caller = callerOf(res);
    const key = idempotencyKeyOf(req);
    const { booking } = await requireVisibleBooking(deps, caller, req.params.id);
    addLogContext({ workflowId: booking.workflowId });
    nameBooking(res, booking.id);
    const content = ChooseSeatsRequest.parse(req.body);
    const choice = { caller, booking, content, key };
    await sendAmended(res, deps, 'seats', choice, chooseSeats);
  });

  return routes;
}
