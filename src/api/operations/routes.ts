import { Router } from 'express';
import { z } from 'zod';
import type { Db } from '../../db/connection';
import { listFlightLoads, type FlightLoad } from '../../db/flights/load-view';
import type { BookingWorkflows } from '../../temporal/clients/bookings';
import { callerOf, operatorsOnly } from '../auth';
import { requireVisibleBooking } from '../bookings/read';
import { decodeCursor, pageOf } from '../cursor';
import { findPlaces } from '../flights/route';
import { Instant, isKnownYear } from '../schemas';
import { FlightLoadQuery } from './schemas';
import { readTimeline } from './timeline';

interface Deps {
  db: Db;
  workflows: BookingWorkflows;
}

const Position = z.strictObject({ departureAt: Instant.refine(isKnownYear), id: z.uuid() });

/** What operators see of the whole system. */
export function operationRoutes({ db }: Pick<Deps, 'db'>): Router {
  const routes = Router();

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

  routes.get('/:id/timeline', operatorsOnly, async (req, res) => {
    const { booking } = await requireVisibleBooking(deps, callerOf(res), String(req.params.id));
    res.json(await readTimeline(deps.db, booking.id));
  });

  return routes;
}
