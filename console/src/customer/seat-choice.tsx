import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Radios } from '../shared/fields';
import { calledSoFar, type WantedPerson } from './people';
import { SeatMap } from './seat-map';
import type { Cabin } from './trip';

interface FlightOfWay {
  id: string;
  flightNumber: string;
  origin: { iata: string };
  destination: { iata: string };
}

/** Lets a party choose its seats, flight by flight. Nobody has to: what is left out is chosen. */
export function SeatChoice({
  flights,
  cabin,
  people,
  onPerson,
}: {
  flights: FlightOfWay[];
  cabin: Cabin;
  people: WantedPerson[];
  onPerson: (index: number, part: Partial<WantedPerson>) => void;
}): JSX.Element {
  const [flightId, setFlightId] = useState(flights[0]?.id ?? '');
  const [whose, setWhose] = useState(0);
  const flight = flights.find(({ id }) => id === flightId) ?? flights[0];
  const seated = people.flatMap((person, index) =>
    person.type === 'infant' ? [] : [{ person, index }],
  );
  if (flight === undefined) return <></>;

  const unseatedOn = (id: string) => seated.find(({ person }) => person.seats[id] === undefined);
  const look = (id: string) => {
    setFlightId(id);
    setWhose(unseatedOn(id)?.index ?? 0);
  };
  const take = (seatNumber: string) => {
    const owner = seated.find(({ person }) => person.seats[flight.id] === seatNumber);
    const index = owner?.index ?? whose;
    const { [flight.id]: _, ...others } = people[index]?.seats ?? {};
    onPerson(index, {
      seats: owner === undefined ? { ...others, [flight.id]: seatNumber } : others,
    });
    if (owner !== undefined) return;
    const next = seated.find(
      ({ person, index: at }) => at !== index && person.seats[flight.id] === undefined,
    );
    if (next !== undefined) setWhose(next.index);
  };

  return (
    <section class="seats">
      <h3>Seats</h3>
      <p>Choose, or leave it to us: then the party sits together where it can be.</p>
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
        value={String(whose)}
        onValue={(index) => setWhose(Number(index))}
        choices={seated.map(({ person, index }) => [
          String(index),
          `${calledSoFar(person, index)}: ${person.seats[flight.id] ?? 'any seat'}`,
        ])}
      />
      <SeatMap
        key={flight.id}
        flightId={flight.id}
        label={`Seats of ${flight.flightNumber}`}
        cabin={cabin}
        owners={
          new Map(
            seated.flatMap(({ person, index }) => {
              const seat = person.seats[flight.id];
              return seat === undefined ? [] : [[seat, calledSoFar(person, index)] as const];
            }),
          )
        }
        onSeat={take}
      />
    </section>
  );
}
