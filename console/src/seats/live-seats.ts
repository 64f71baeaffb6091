import { useEffect, useState } from 'preact/hooks';
import {
  answerOf,
  troubleOf,
  type FlightBookings,
  type Schemas,
  type Trouble,
} from '../shared/api';
import { useApi } from '../shared/session';

export type Seat = Schemas['Seat'];

/** How often the seats are read where they can't be streamed. */
const POLL_MS = 3_000;

/**
 * The seats of a flight, as they are held, sold and given back. `isLive` while changes come by
 * themselves; without a stream, they are read every few seconds.
 */
export function useLiveSeats(flightId: string): {
  seats: ReadonlyMap<string, Seat>;
  isLive: boolean;
  trouble: Trouble | null;
} {
  const api = useApi();
  const [seats, setSeats] = useState<ReadonlyMap<string, Seat>>(new Map());
  const [isLive, setLive] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  useEffect(() => {
    let timer: number | undefined;
    const merge = (changed: readonly Seat[]) => {
      setTrouble(null);
      setSeats(
        (before) =>
          new Map([...before, ...changed.map((seat) => [seat.seatNumber, seat] as const)]),
      );
    };
    const poll = () => {
      seatsOf(api, flightId)
        .then(merge, (error: unknown) => setTrouble(troubleOf(error)))
        .finally(() => {
          timer = window.setTimeout(poll, POLL_MS);
        });
    };

    const stream = new EventSource(`/api/v1/flights/${flightId}/seats/stream`);
    stream.addEventListener('seats', ({ data }: MessageEvent<string>) => {
      setLive(true);
      merge((JSON.parse(data) as Schemas['SeatMap']).seats);
    });
    stream.addEventListener('error', () => {
      setLive(false);
      // Otherwise it connects again by itself.
      if (stream.readyState === EventSource.CLOSED && timer === undefined) poll();
    });
    return () => {
      stream.close();
      window.clearTimeout(timer);
      timer = -1;
    };
  }, [api, flightId]);

  return { seats, isLive, trouble };
}

async function seatsOf(api: FlightBookings, flightId: string): Promise<Seat[]> {
  const map = await answerOf(
    api.GET('/api/v1/flights/{id}/seats', { params: { path: { id: flightId } } }),
  );
  return map.seats;
}
