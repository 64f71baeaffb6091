import { Router } from 'express';
import type { Db } from '../../db/connection';
import { searchAirports } from '../../db/flights/airport-view';
import { AirportSearchQuery, MAX_AIRPORTS } from './schemas';

/** The airports that flights leave from and arrive at; open to anyone. */
export function airportRoutes(db: Db): Router {
  const routes = Router();
  routes.get('/', async (req, res) => {
    const { q } = AirportSearchQuery.parse(req.query);
    res.json({ data: await searchAirports(db, q, MAX_AIRPORTS) });
  });
  return routes;
}
