import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { Db } from '../../db/connection';
import { listFlightLoads, type FlightLoad } from '../../db/flights/load-view';
import type { Booking } from '../../domain/booking';
import { addLogContext } from '../../telemetry/logger';
import type { BookingWorkflows } from '../../temporal/clients/bookings';
import type { OperatorActions } from '../../temporal/clients/operator-actions';
import { callerOf, operatorsOnly } from '../auth';
import { requireVisibleBooking } from '../bookings/read';
import { decodeCursor, pageOf } from '../cursor';
import { findPlaces } from '../flights/route';
import { Instant, isKnownYear } from '../schemas';
import { retryPayment, retryRefund, settleRefund } from './actions';
import { listNeedsAPerson, type Looking } from './needs-a-person';
import { FlightLoadQuery, RefundActionRequest, RetryPaymentRequest } from './schemas';
import { readTimeline } from './timeline';

interface Deps {
  db: Db;
  workflows: BookingWorkflows;
  operatorActions: OperatorActions;
}

const Position = z.strictObject({ departureAt: Instant.refine(isKnownYear), id: z.uuid() });

/** What operators see of the whole system. */
export function operationRoutes(db: Db, looking: Looking): Router {
  const routes = Router();
  const needsAPerson = listNeedsAPerson(looking);

  routes.get('/needs-a-person', operatorsOnly, async (_req, res) => {
    res.json(await needsAPerson());
  });

  routes.get('/flights', operatorsOnly, async (req, res) => {
    const { cursor, limit, ...query } = FlightLoadQuery.parse(req.query);
    const after = cursor === undefined ? null : decodeCursor(Position, query, cursor);
    const { date } = query;
    const places = await findPlaces(db, query);
    const found = await listFlightLoads(db, { date, ...places, limit: limit + 1, after });
    const positionOf = ({ departureAt, id }: FlightLoad) => ({ departureAt, id });
    const { items: data, nextCursor } = pageOf(found, { query, limit, positionOf });
    res.json({ data, nextCursor });
  });

  return routes;
}

/** What operators see of one booking, and do to it. */
export function bookingOperationRoutes(deps: Deps): Router {
  const routes = Router();
  const find = async (req: Request, res: Response): Promise<Booking> => {
    const { booking } = await requireVisibleBooking(deps, callerOf(res), String(req.params.id));
    addLogContext({ workflowId: booking.workflowId });
    return booking;
  };

  routes.get('/:id/timeline', operatorsOnly, async (req, res) => {
    const { id } = await find(req, res);
    res.json(await readTimeline(deps.db, id));
  });

  routes.post('/:id/operations/retry-payment', operatorsOnly, async (req, res) => {
    const booking = await find(req, res);
    const { note } = RetryPaymentRequest.parse(req.body);
    res.json(await retryPayment(deps, booking, { by: callerOf(res).id, note }));
  });

  routes.post('/:id/operations/retry-refund', operatorsOnly, async (req, res) => {
    const booking = await find(req, res);
    const request = RefundActionRequest.parse(req.body);
    res.json(await retryRefund(deps, booking, { by: callerOf(res).id, ...request }));
  });

  routes.post('/:id/operations/settle-refund', operatorsOnly, async (req, res) => {
    const booking = await find(req, res);
    const request = RefundActionRequest.parse(req.body);
    res.json(await settleRefund(deps, booking, { by: callerOf(res).id, ...request }));
  });

  return routes;
}
