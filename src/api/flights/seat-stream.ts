import { Router, type RequestHandler, type Response } from 'express';
import type { Registry } from 'prom-client';
import { Gauge } from 'prom-client';
import type { Db } from '../../db/connection';
import type { MappedSeat } from '../../db/seats/seat-map-view';
import type { Logger } from '../../telemetry/logger';
import { beginStream } from '../answered';
import { clientKeyOf } from '../rate-limit';
import { flightIdOf, flightNotFound } from './flight-id';
import { SeatWatch } from './seat-watch';
import { StreamPlaces } from './stream-places';

/** Shorter than any proxy waits for the next byte of a response, and than our own server does. */
const KEEP_ALIVE_MS = 15_000;

/** A page that is left open doesn't keep its place for ever: a browser asks again by itself. */
const LONGEST_MS = 15 * 60_000;

/** How long a browser waits before it asks again, in milliseconds. */
const RETRY_MS = 2_000;

/** A client that has not taken so much is not reading: it gets the whole map when it comes back. */
const MAX_UNSENT_BYTES = 256 * 1024;

interface Deps {
  searchDb: Db;
  logger: Logger;
  stopping: AbortSignal;
  metrics: { registry: Registry };
}

/**
 * A flight's seats as they are held, sold and given back, as server-sent events; open to anyone. Its
 * route has its guards itself: what limits requests by the time that they take is not for streams.
 */
export function seatStreamRoutes(
  { searchDb, logger, stopping, metrics }: Deps,
  guards: readonly RequestHandler[],
): Router {
  const routes = Router();
  const watch = new SeatWatch(searchDb, logger);
  const places = new StreamPlaces();
  measureStreams(metrics.registry, places);
  const open = new Set<Response>();
  stopping.addEventListener('abort', () => {
    for (const res of open) res.end();
  });

  routes.get('/:id/seats/stream', ...guards, async (req, res) => {
    const flightId = flightIdOf(req.params.id);
    const giveBack = places.take(clientKeyOf(req, res));
    res.once('close', giveBack);
    try {
      const stream = openStream(res, open);
      const leave = await watch.join(flightId, (seats) => {
        stream.send({ flightId, seats });
      });
      if (leave === undefined) throw flightNotFound();
      stream.whenOver(leave);
      // What a client wants to know before it streams, and a process that is about to end.
      if (req.method === 'HEAD' || stopping.aborted) res.end();
    } catch (error) {
      giveBack();
      throw error;
    }
  });

  return routes;
}

/** Returns a response as a stream of events, which is among the open ones until it has ended. */
function openStream(res: Response, open: Set<Response>) {
  let keepAlive: NodeJS.Timeout | undefined;
  let longest: NodeJS.Timeout | undefined;
  const begin = () => {
    res.setHeader('Content-Type', 'text/event-stream');
    res.setHeader('Cache-Control', 'no-store, no-transform');
    // For nginx, which would otherwise collect what is sent.
    res.setHeader('X-Accel-Buffering', 'no');
    beginStream(res);
    res.write(`retry: ${String(RETRY_MS)}\n\n`);
    keepAlive = setInterval(() => {
      if (!res.writableEnded) res.write(': keep-alive\n\n');
    }, KEEP_ALIVE_MS);
    longest = setTimeout(() => res.end(), LONGEST_MS);
    open.add(res);
  };
  res.once('close', () => {
    clearInterval(keepAlive);
    clearTimeout(longest);
    open.delete(res);
  });
  return {
    /** Sends seats; begins the stream with the first. */
    send: (map: { flightId: string; seats: readonly MappedSeat[] }) => {
      if (res.closed || res.writableEnded) return;
      if (!res.headersSent) begin();
      if (res.writableLength > MAX_UNSENT_BYTES) res.destroy();
      else res.write(`event: seats\ndata: ${JSON.stringify(map)}\n\n`);
    },
    /** Calls `then` when the client has gone, or the stream has ended. */
    whenOver: (then: () => void) => {
      if (res.closed) then();
      else res.once('close', then);
    },
  };
}

function measureStreams(registry: Registry, places: StreamPlaces): void {
  new Gauge({
    name: 'seat_streams_open',
    help: 'Streams of seat maps that are open.',
    registers: [registry],
    collect() {
      this.set(places.total);
    },
  });
}
