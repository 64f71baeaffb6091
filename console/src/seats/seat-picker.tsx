import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Radios } from '../shared/fields';
import { SeatMap } from './seat-map';
import type { FlightWithSeats, SeatChosen, Seated } from './seated';

/**
 * Lets a party choose seats: of one flight at a time, for one person at a time. What a choice means
 * is for `onChoice` to say. After a free seat it goes on to the next who has none.
 *
 * `kept` are seats that others see as taken and the party may take, by flight.
 */
export function SeatPicker({
  flights,
  people,
  kept = new Map(),
  onChoice,
}: {
  flights: readonly [FlightWithSeats, ...FlightWithSeats[]];
  people: readonly Seated[];
  kept?: ReadonlyMap<string, ReadonlySet<string>>;
  onChoice: (choice: SeatChosen) => void;
}): JSX.Element {
  const unseatedOn = (id: string) => people.filter(({ seats }) => seats[id] === undefined);
  const [flightId, setFlightId] = useState(flights[0].id);
  const [whose, setWhose] = useState(people[0]?.id ?? '');
  const flight = flights.find(({ id }) => id === flightId) ?? flights[0];

  const look = (id: string) => {
    setFlightId(id);
    setWhose((unseatedOn(id)[0] ?? people[0])?.id ?? '');
  };
  const take = (seatNumber: string) => {
    const before = people.find(({ seats }) => seats[flight.id] === seatNumber);
    onChoice({ flightId: flight.id, seatNumber, personId: whose, before });
    const next = unseatedOn(flight.id).find(({ id }) => id !== whose);
    if (before === undefined && next !== undefined) setWhose(next.id);
  };
  return (
    <>
      {flights.length > 1 && (
        <Radios
          legend="Flight"
          value={flight.id}
          onValue={look}
          choices={flights.map(({ id, flightNumber, origin, destination }) => [
            id,
            `${flightNumber}, ${origin.iata}–${destination.iata}`,
          ])}
        />
      )}
      <Radios
        legend="Seat for"
        value={whose}
        onValue={setWhose}
        choices={people.map(({ id, name, seats }) => [
          id,
          `${name}: ${seats[flight.id] ?? 'any seat'}`,
        ])}
      />
      <SeatMap
        key={flight.id}
        flightId={flight.id}
        label={`Seats of ${flight.flightNumber}`}
        cabin={flight.cabin}
        owners={
          new Map(
            people.flatMap(({ name, seats }) => {
              const seat = seats[flight.id];
              return seat === undefined ? [] : [[seat, name] as const];
            }),
          )
        }
        kept={kept.get(flight.id)}
        onSeat={take}
      />
    </>
  );
}
