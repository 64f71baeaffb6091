import { Router, type RequestHandler } from 'express';
import { z } from 'zod';
import { findFlight } from '../../db/flights/flight-view';
import { readPassengerList } from '../../db/flights/passenger-list-view';
import { readScheduleChange } from '../../db/schedule-changes/progress-view';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import { callerOf, operatorsOnly } from '../auth';
import { flightIdOf, flightNotFound } from '../flights/flight-id';
import { requiredIdempotencyKeyOf } from '../idempotency';
import { Problem } from '../problem';
import { orderScheduleChange, type ScheduleChangeOrders } from './order';
import { ScheduleChangeRequest } from './schemas';

/**
 * What operators do with a flight. Its routes are beside those that are open to anyone, so each has
 * the guards itself.
 */
export function flightOperationRoutes(
  deps: ScheduleChangeOrders,
  guards: readonly RequestHandler[],
): Router {
  const routes = Router();

  routes.post('/:id/schedule-changes', ...guards, operatorsOnly, async (req, res) => {
    const flightId = flightIdOf(req.params.id);
    const key = requiredIdempotencyKeyOf(req);
    const request = ScheduleChangeRequest.parse(req.body);
    await orderScheduleChange(deps, { caller: callerOf(res), key, flightId, request }, res);
  });

  routes.get('/:id/passengers', ...guards, operatorsOnly, async (req, res) => {
    const flightId = flightIdOf(req.params.id);
    if ((await findFlight(deps.db, flightId)) === undefined) throw flightNotFound();
    res.json({ flightId, passengers: await readPassengerList(deps.db, flightId) });
  });

  return routes;
}

/** How far schedule changes are, for operators. */
export function scheduleChangeRoutes({ db }: Pick<ScheduleChangeOrders, 'db'>): Router {
  const routes = Router();

  routes.get('/:id', operatorsOnly, async (req, res) => {
    const id = z.uuid().safeParse(req.params.id).data;
    const found = id === undefined ? undefined : await readScheduleChange(db, id.toLowerCase());
    if (found === undefined)
      throw new Problem('schedule_change_not_found', REFUSAL_TEXTS.noScheduleChange);
    const { fingerprint: _, ...shown } = found;
    res.json(shown);
  });

  return routes;
}
