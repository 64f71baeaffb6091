import { randomUUID } from 'node:crypto';
import http2 from 'node:http2';
import {
  createEndpointHandler,
  workflow,
  type WorkflowContext,
  type WorkflowSharedContext,
} from '@restatedev/restate-sdk';
import { serve, setting } from '../serve';
import { openShop, type Booking } from '../shop/shop';

/** Restate's SDK calls what Node has from 22 on. */
if (!('withResolvers' in Promise)) {
  const withResolvers = <T>() => {
    let settle!: { resolve: (value: T) => void; reject: (reason: unknown) => void };
    const promise = new Promise<T>((resolve, reject) => {
      settle = { resolve, reject };
    });
    return { promise, ...settle };
  };
  Object.assign(Promise, { withResolvers });
}

const shop = openShop(setting('DATABASE_URL'));

/** The same flow, durable by Restate: its server keeps the journal, this process has the code. */
const sale = workflow({
  name: 'sale',
  handlers: {
    run: async (ctx: WorkflowContext, booking: Booking): Promise<'booked'> => {
      await ctx.run('reserve', () => shop.reserve(booking));
      await ctx.promise<string>('held').resolve('pending');
      await ctx.promise<string>('payment').get().orTimeout({ minutes: 15 });
      await ctx.run('charge', () => shop.charge(booking));
      await ctx.run('confirm', () => shop.confirm(booking));
      await ctx.promise<string>('sold').resolve('booked');
      return 'booked';
    },
    awaitReservation: (ctx: WorkflowSharedContext) => ctx.promise<string>('held').get(),
    makePayment: async (ctx: WorkflowSharedContext) => {
      await ctx.promise<string>('payment').resolve('pay');
      return await ctx.promise<string>('sold').get();
    },
  },
});

const handlers = http2.createServer(createEndpointHandler({ services: [sale] }));
handlers.listen(Number(setting('HANDLERS_PORT')), '127.0.0.1');

const ingress = setting('INGRESS_URL');

async function call(path: string, body: unknown = null): Promise<void> {
  const response = await fetch(`${ingress}/sale/${path}`, {
    method: 'POST',
    ...(body === null
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
}

serve({
  create: async ({ flightId }) => {
    const bookingId = randomUUID();
    await call(`${bookingId}/run/send`, { bookingId, flightId });
    await call(`${bookingId}/awaitReservation`);
    return { id: bookingId };
  },
  pay: async ({ bookingId }) => {
    await call(`${bookingId}/makePayment`);
    return { status: 'captured' };
  },
  close: async () => {
    handlers.close();
    await shop.close();
  },
});
