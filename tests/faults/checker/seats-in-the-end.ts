import { type Booking, read, SeatMap } from './bodies';
import type { Check } from './finding';
import type { BookingStory } from './story';

/**
 * No seat is sold twice, and none is lost: on every flight the seats that the map shows as held or
 * sold are those of the bookings that hold or own them, and all others are free
 * (docs/reliability.md, "What is promised"; the one promise that the whole product is for).
 *
 * The flights of the run are sold to its customers alone.
 */
export const checkSeatsInTheEnd: Check = ({ run, final }, { bookings }) => {
  const owners = ownersOf([...bookings.values()]);
  return [
    ...findDoubleOwners(owners),
    ...run.flights.flatMap((flight) => {
      const line = final.seats.find(({ flightId }) => flightId === flight.flightId);
      const map = line?.response.status === 200 ? read(SeatMap, line.response.body) : undefined;
      return map === undefined
        ? [{ what: `Flight ${flight.flightId} has no seat map at the end`, operations: [] }]
        : [...findOtherCapacity(flight, map), ...findDisagreements(map, owners)];
    }),
  ];
};

type Flight = Parameters<Check>[0]['run']['flights'][number];

interface Owner {
  id: string;
  status: 'pending' | 'booked';
}

/** By flight and seat number. */
type Owners = Map<string, Owner[]>;

function ownersOf(stories: BookingStory[]): Owners {
  const owners: Owners = new Map();
  for (const { last } of stories) {
    if (last?.status !== 'pending' && last?.status !== 'booked') continue;
    for (const seat of seatsOf(last))
      owners.set(seat, [...(owners.get(seat) ?? []), { id: last.id, status: last.status }]);
  }
  return owners;
}

/** The seats that a booking shows, each as flight and number. */
export function seatsOf({ passengers }: Booking): string[] {
  return passengers.flatMap(({ seats }) =>
    seats.map(({ flightId, seatNumber }) => `${flightId} ${seatNumber}`),
  );
}

function findDoubleOwners(owners: Owners) {
  return [...owners]
    .filter(([, several]) => several.length > 1)
    .map(([seat, several]) => ({
      what: `Seat ${seat} belongs to ${several.map(({ id, status }) => `${id} (${status})`).join(' and ')}`,
      operations: [],
    }));
}

function findOtherCapacity({ flightId, capacity }: Flight, { seats }: SeatMap) {
  const before = Object.entries(capacity).flatMap(([cabin, numbers]) =>
    numbers.map((number) => `${cabin} ${number}`),
  );
  const after = seats.map(({ cabin, seatNumber }) => `${cabin} ${seatNumber}`);
  const same = JSON.stringify([...before].sort()) === JSON.stringify([...after].sort());
  return same
    ? []
    : [
        {
          what: `Flight ${flightId} had ${before.length} seats and has others now`,
          operations: [],
        },
      ];
}

function findDisagreements({ flightId, seats }: SeatMap, owners: Owners) {
  return seats.flatMap(({ seatNumber, state }) => {
    const seat = `${flightId} ${seatNumber}`;
    const [owner] = owners.get(seat) ?? [];
    const expected = owner === undefined ? 'free' : owner.status === 'booked' ? 'sold' : 'held';
    if (state === expected) return [];
    const whose = owner === undefined ? 'no booking has it' : `${owner.id} is ${owner.status}`;
    return [{ what: `Seat ${seat} is ${state}, and ${whose}`, operations: [] }];
  });
}
