import { Router } from 'express';
import { z } from 'zod';
import type { Db } from '../../db/connection';
import { readCalendar } from '../../db/flights/calendar-view';
import { findFlight, searchFlights } from '../../db/flights/flight-view';
import { readSeatMap } from '../../db/seats/seat-map-view';
import { firstDepartureOnSale } from '../../domain/sales';
import { decodeCursor, pageOf } from '../cursor';
import { flightIdOf, flightNotFound } from './flight-id';
import { findRoute } from './route';
import { CalendarQuery, FlightSearchQuery } from './schemas';

const Position = z.strictObject({ sortKey: z.int(), id: z.uuid() });

/** Search for and read what is on sale; open to anyone. */
export function flightRoutes(db: Db): Router {
  const routes = Router();

  routes.get('/', async (req, res) => {
    const { cursor, limit, ...query } = FlightSearchQuery.parse(req.query);
    const after = cursor === undefined ? null : decodeCursor(Position, query, cursor);
    const found = await searchFlights(db, {
      ...query,
      ...(await findRoute(db, query)),
      cabin: query.cabin ?? null,
      departingAfter: firstDepartureOnSale(new Date()),
      after,
      limit: limit + 1,
    });
    const page = pageOf(found, { query, limit, positionOf: ({ position }) => position });
    res.json({ data: page.items.map(({ flight }) => flight), nextCursor: page.nextCursor });
  });

  // Before the flights by ID: "calendar" is not an ID.
  routes.get('/calendar', async (req, res) => {
    const { month, passengers, ...query } = CalendarQuery.parse(req.query);
    const days = await readCalendar(db, {
      ...(await findRoute(db, query)),
      month,
      passengers,
      cabin: query.cabin ?? null,
      departingAfter: firstDepartureOnSale(new Date()),
    });
    res.json({ month, days });
  });

  routes.get('/:id', async (req, res) => {
    const flight = await findFlight(db, flightIdOf(req.params.id));
    if (flight === undefined) throw flightNotFound();
    res.json(flight);
  });

  routes.get('/:id/seats', async (req, res) => {
    const flightId = flightIdOf(req.params.id);
    const seats = await readSeatMap(db, flightId);
    if (seats.length === 0) throw flightNotFound();
    res.json({ flightId, seats });
  });

  return routes;
}
