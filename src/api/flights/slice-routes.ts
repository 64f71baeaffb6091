import { Router } from 'express';
import { z } from 'zod';
import type { Db } from '../../db/connection';
import { searchSlices } from '../../db/flights/slice-view';
import { firstDepartureOnSale } from '../../domain/sales';
import { decodeCursor, pageOf } from '../cursor';
import { findRoute } from './route';
import { SliceSearchQuery } from './slice-schemas';

const Position = z.strictObject({
  sortKey: z.int(),
  arrivalKey: z.int(),
  ids: z.array(z.uuid()).min(1).max(3),
});

/** Search for ways of one or several flights; open to anyone. */
export function sliceRoutes(db: Db): Router {
  const routes = Router();

  routes.get('/', async (req, res) => {
    const { cursor, limit, ...query } = SliceSearchQuery.parse(req.query);
    const after = cursor === undefined ? null : decodeCursor(Position, query, cursor);
    const found = await searchSlices(db, {
      ...query,
      ...(await findRoute(db, query)),
      departingAfter: firstDepartureOnSale(new Date()),
      after,
      limit: limit + 1,
    });
    const page = pageOf(found, { query, limit, positionOf: ({ position }) => position });
    res.json({ data: page.items.map(({ slice }) => slice), nextCursor: page.nextCursor });
  });

  return routes;
}
