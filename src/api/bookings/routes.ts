import { Router } from 'express';
import { z } from 'zod';
import { listBookings, readBooking } from '../../db/bookings/booking-view';
import { readSale } from '../../db/bookings/cancellation-view';
import { readEvents, readStaffEvents } from '../../db/bookings/event-view';
import { listBookingPayments } from '../../db/payments/booking-payments-view';
import type { Booking } from '../../domain/booking';
import { addLogContext } from '../../telemetry/logger';
import { cancelBooking } from '../../temporal/clients/cancel-booking';
import type { ScheduleChangeWorkflows } from '../../temporal/clients/schedule-changes';
import { callerOf, customerOf } from '../auth';
import { decodeCursor, pageOf } from '../cursor';
import { idempotencyKeyOf } from '../idempotency';
import { invalidField, nameBooking } from '../problem';
import { Instant, isKnownYear } from '../schemas';
import { acceptNewTimes } from './accept-schedule-change';
import { quoteFor } from './cancellation-quote';
import { createBooking, type BookingCreation } from './create';
import { requireVisibleBooking, withTrueActions } from './read';
import { BookingListQuery, CancelBookingRequest, CreateBookingRequest } from './schemas';

const NoFields = z.strictObject({});

const BookingCursor = z.strictObject({ createdAt: Instant.refine(isKnownYear), id: z.uuid() });

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
    const { cursor, limit, ...filter } = BookingListQuery.parse(req.query);
    const found = await listBookings(deps.db, {
      ...filter,
      customerId: caller.isOperator ? null : caller.id,
      limit: limit + 1,
      after: cursor === undefined ? undefined : decodeCursor(BookingCursor, filter, cursor),
    });
    const positionOf = ({ createdAt, id }: Booking) => ({ createdAt, id });
    const { items: data, nextCursor } = pageOf(found, { query: filter, limit, positionOf });
    res.json({ data, nextCursor });
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
    NoFields.parse(req.body ?? {});
    res.json(await acceptNewTimes(deps, { caller, booking }));
  });

  return routes;
}
