import { Router } from 'express';
import { z } from 'zod';
import { listBookings, readBooking } from '../../db/bookings/booking-view';
import { readSale } from '../../db/bookings/cancellation-view';
import { readEvents, readStaffEvents } from '../../db/bookings/event-view';
import type { Db } from '../../db/connection';
import { listBookingPayments } from '../../db/payments/booking-payments-view';
import type { Booking } from '../../domain/booking';
import { addLogContext } from '../../telemetry/logger';
import { cancelBooking } from '../../temporal/clients/cancel-booking';
import type { ScheduleChangeWorkflows } from '../../temporal/clients/schedule-changes';
import { callerOf, customerOf, operatorsOnly } from '../auth';
import { decodeCursor, pageOf } from '../cursor';
import { idempotencyKeyOf } from '../idempotency';
import { invalidField, nameBooking } from '../problem';
import { Instant, isKnownYear } from '../schemas';
import { acceptNewTimes } from './accept-schedule-change';
import { quoteFor } from './cancellation-quote';
import { createBooking, type BookingCreation } from './create';
import { requireVisibleBooking, withTrueActions } from './read';
import {
  AcceptScheduleChangeRequest,
  BookingListQuery,
  CancelBookingRequest,
  CreateBookingRequest,
  SearchBookingsRequest,
} from './schemas';

const BookingCursor = z.strictObject({ createdAt: Instant.refine(isKnownYear), id: z.uuid() });

/** Reads a page of bookings, of one customer or of all. */
async function readPage(
  db: Db,
  customerId: string | null,
  {
    cursor,
    limit,
    ...filter
  }: z.infer<typeof BookingListQuery> | z.infer<typeof SearchBookingsRequest>,
) {
  const found = await listBookings(db, {
    ...filter,
    customerId,
    limit: limit + 1,
    after: cursor === undefined ? undefined : decodeCursor(BookingCursor, filter, cursor),
  });
  const positionOf = ({ createdAt, id }: Booking) => ({ createdAt, id });
  const { items: data, nextCursor } = pageOf(found, { query: filter, limit, positionOf });
  return { data, nextCursor };
}

/** Create, read and cancel bookings. */
export function bookingRoutes(
  deps: BookingCreation & { scheduleChanges: ScheduleChangeWorkflows },
): Router {
  const routes = Router();

  routes.post('/', async (req, res) => {
    const caller = customerOf(res);
    const key = idempotencyKeyOf(req);
    const request = CreateBookingRequest.parse(req.body);
    await createBooking(deps, { caller, request, key }, res);
  });

  routes.get('/', async (req, res) => {
    const caller = callerOf(res);
    const query = BookingListQuery.parse(req.query);
    res.json(await readPage(deps.db, caller.isOperator ? null : caller.id, query));
  });

  routes.post('/search', operatorsOnly, async (req, res) => {
    res.json(await readPage(deps.db, null, SearchBookingsRequest.parse(req.body)));
  });

  routes.param('id', (_req, res, next, id: string) => {
    if (z.uuid().safeParse(id).success) nameBooking(res, id.toLowerCase(), 'undecided');
    next();
  });

  routes.get('/:id', async (req, res) => {
    const { booking } = await requireVisibleBooking(deps, callerOf(res), req.params.id);
    res.json(await withTrueActions(deps.workflows, booking));
  });

  routes.get('/:id/events', async (req, res) => {
    const caller = callerOf(res);
    const { booking } = await requireVisibleBooking(deps, caller, req.params.id);
    const read = caller.isOperator ? readStaffEvents : readEvents;
    res.json({ data: await read(deps.db, booking.id) });
  });

  routes.get('/:id/payments', async (req, res) => {
    const { booking } = await requireVisibleBooking(deps, callerOf(res), req.params.id);
    res.json({ data: await listBookingPayments(deps.db, booking.id) });
  });

  routes.get('/:id/cancellation-quote', async (req, res) => {
    const caller = callerOf(res);
    const { booking } = await requireVisibleBooking(deps, caller, req.params.id);
    nameBooking(res, booking.id);
    res.json(await quoteFor(deps.db, { caller, booking }));
  });

  routes.post('/:id/cancel', async (req, res) => {
    const caller = callerOf(res);
    const { booking } = await requireVisibleBooking(deps, caller, req.params.id);
    addLogContext({ workflowId: booking.workflowId });
    nameBooking(res, booking.id);
    const request = CancelBookingRequest.parse(req.body ?? {});
    if (request.note !== undefined && !caller.isOperator)
      throw invalidField('/note', 'Only operators may add a note.');
    const cancelled = await cancelBooking(
      {
        workflows: deps.workflows,
        readBooking: (id) => readBooking(deps.db, id),
        readSale: (id) => readSale(deps.db, id),
      },
      { caller, booking, ...request },
    );
    res.json(cancelled);
  });

  routes.post('/:id/schedule-change/accept', async (req, res) => {
    const caller = callerOf(res);
    const { booking } = await requireVisibleBooking(deps, caller, req.params.id);
    addLogContext({ workflowId: booking.workflowId });
    nameBooking(res, booking.id);
    const { scheduleChangeId } = AcceptScheduleChangeRequest.parse(req.body ?? {});
    res.json(await acceptNewTimes(deps, { caller, booking, scheduleChangeId }));
  });

  return routes;
}
