import { Router, type Response } from 'express';
import { z } from 'zod';
import type { Db } from '../../db/connection';
import { findDelivery, listDeliveries } from '../../db/webhooks/delivery-view';
import { addPing, addRedelivery } from '../../db/webhooks/new-deliveries';
import type { Delivery } from '../../domain/webhooks/delivery';
import { decodeCursor, pageOf } from '../cursor';
import { Problem } from '../problem';
import { Instant, isKnownYear } from '../schemas';
import { limitActions } from './action-limit';
import type { AnnounceDeliveries } from './announcements';
import { PathId, requireEndpoint } from './found';
import { DeliveryListQuery } from './schemas';

const DeliveryCursor = z.strictObject({ createdAt: Instant.refine(isKnownYear), id: z.uuid() });

/** What was sent to webhook endpoints, and how to have something sent. */
export function deliveryRoutes({
  db,
  counterDb,
  announceDeliveries,
}: {
  db: Db;
  counterDb: Db;
  announceDeliveries: AnnounceDeliveries;
}): Router {
  const limited = limitActions(counterDb);
  const routes = Router();

  /** Has a new delivery sent, and answers with it as it was created. */
  async function sendDelivery(res: Response, endpointId: string, deliveryId: string) {
    const delivery = await findDelivery(db, endpointId, deliveryId);
    await announceDeliveries(endpointId);
    res.status(202).json(delivery);
  }

  routes.post('/:id/ping', limited('ping'), async (req, res) => {
    const { id } = await requireEndpoint(db, res, req.params.id);
    await sendDelivery(res, id, await addPing(db, id));
  });

  routes.get('/:id/deliveries', async (req, res) => {
    const { id: endpointId } = await requireEndpoint(db, res, req.params.id);
    const { cursor, limit, ...filter } = DeliveryListQuery.parse(req.query);
    const query = { endpointId, ...filter };
    const found = await listDeliveries(db, {
      ...query,
      limit: limit + 1,
      after: cursor === undefined ? undefined : decodeCursor(DeliveryCursor, query, cursor),
    });
    const positionOf = ({ createdAt, id }: Delivery) => ({ createdAt, id });
    const { items: data, nextCursor } = pageOf(found, { query, limit, positionOf });
    res.json({ data, nextCursor });
  });

  routes.post(
    '/:id/deliveries/:deliveryId/redeliver',
    limited<{ id: string; deliveryId: string }>('redeliver'),
    async (req, res) => {
      const { id } = await requireEndpoint(db, res, req.params.id);
      const { success, data } = PathId.safeParse(req.params.deliveryId);
      const redelivery = success ? await addRedelivery(db, id, data) : undefined;
      if (redelivery === undefined)
        throw new Problem('delivery_not_found', 'There is no such delivery.');
      await sendDelivery(res, id, redelivery);
    },
  );

  return routes;
}
