import type { Db } from '../../db/connection';
import { readSeatMap, readSeatMapVersions, type MappedSeat } from '../../db/seats/seat-map-view';
import type { Logger } from '../../telemetry/logger';

/** A held seat that shows a second later is soon enough for someone who chooses among others. */
const LOOK_EVERY_MS = 1_000;

/** Shows seats to one viewer. */
type Show = (seats: readonly MappedSeat[]) => void;

interface WatchedFlight {
  seats: MappedSeat[];
  version: string | undefined;
  viewers: Set<Show>;
}

/**
 * Watches the seats of the flights that have viewers. One statement a second looks at all of them,
 * however many viewers there are, and none runs while there are none. So a booking pays nothing for
 * being watched.
 */
export class SeatWatch {
  readonly #flights = new Map<string, WatchedFlight>();
  readonly #loading = new Map<string, Promise<WatchedFlight | undefined>>();
  #isLooking = false;
  #hasFailed = false;

  constructor(
    private readonly db: Db,
    private readonly logger: Logger,
  ) {}

  /**
   * Shows a viewer all seats of a flight at once, and from then on those that changed. Returns how to
   * stop; undefined when there is no such flight.
   *
   * @throws The database's error when the seats can't be read.
   */
  async join(flightId: string, show: Show): Promise<(() => void) | undefined> {
    const flight = this.#flights.get(flightId) ?? (await this.#load(flightId));
    if (flight === undefined) return undefined;
    this.#flights.set(flightId, flight);
    flight.viewers.add(show);
    show(flight.seats);
    void this.#look();
    return () => {
      flight.viewers.delete(show);
      if (flight.viewers.size === 0) this.#flights.delete(flightId);
    };
  }

  /** Those who come while a flight is being read share one read. */
  async #load(flightId: string): Promise<WatchedFlight | undefined> {
    const loading = this.#loading.get(flightId) ?? this.#read(flightId);
    this.#loading.set(flightId, loading);
    try {
      const loaded = await loading;
      // Another viewer may have begun to watch what was read.
      return this.#flights.get(flightId) ?? loaded;
    } finally {
      this.#loading.delete(flightId);
    }
  }

  async #read(flightId: string): Promise<WatchedFlight | undefined> {
    // The version comes first: what changes in between is then noticed with the next look.
    const version = (await readSeatMapVersions(this.db, [flightId])).get(flightId);
    const seats = await readSeatMap(this.db, flightId);
    return seats.length === 0 ? undefined : { seats, version, viewers: new Set() };
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#flights.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS).unref());
      try {
        await this.#lookOnce();
        this.#hasFailed = false;
      } catch (error) {
        if (!this.#hasFailed) this.logger.warn('Seats that are watched cannot be read', { error });
        this.#hasFailed = true;
      }
    }
    this.#isLooking = false;
  }

  async #lookOnce(): Promise<void> {
    const versions = await readSeatMapVersions(this.db, [...this.#flights.keys()]);
    for (const [flightId, flight] of this.#flights) {
      const version = versions.get(flightId);
      if (version === flight.version) continue;
      const seats = await readSeatMap(this.db, flightId);
      const changed = changedSeats(flight.seats, seats);
      Object.assign(flight, { seats, version });
      if (changed.length > 0) for (const show of flight.viewers) show(changed);
    }
  }
}

/** Returns the seats whose state is another one now. */
function changedSeats(before: readonly MappedSeat[], now: readonly MappedSeat[]): MappedSeat[] {
  const states = new Map(before.map(({ seatNumber, state }) => [seatNumber, state]));
  return now.filter(({ seatNumber, state }) => states.get(seatNumber) !== state);
}
