import type { JSX } from 'preact';
import { SeatPicker } from '../seats/seat-picker';
import type { FlightWithSeats, SeatChosen } from '../seats/seated';
import { calledSoFar, type WantedPerson } from './people';
import type { Cabin } from './trip';

/** Lets a party choose its seats, flight by flight. Nobody has to: what is left out is chosen. */
export function SeatChoice({
  flights,
  cabin,
  people,
  onPerson,
}: {
  flights: Omit<FlightWithSeats, 'cabin'>[];
  cabin: Cabin;
  people: WantedPerson[];
  onPerson: (index: number, part: Partial<WantedPerson>) => void;
}): JSX.Element {
  const [first, ...others] = flights.map((flight) => ({ ...flight, cabin }));
  const seated = people.flatMap((person, index) =>
    person.type === 'infant'
      ? []
      : [{ id: String(index), name: calledSoFar(person, index), seats: person.seats }],
  );
  if (first === undefined) return <></>;

  // Who chooses a seat of their own party gives it back.
  const choose = ({ flightId, seatNumber, personId, before }: SeatChosen) => {
    const index = Number(before?.id ?? personId);
    const { [flightId]: _, ...rest } = people[index]?.seats ?? {};
    onPerson(index, { seats: before === undefined ? { ...rest, [flightId]: seatNumber } : rest });
  };
  return (
    <section class="seats">
      <h3>Seats</h3>
      <p>Choose, or leave it to us: then the party sits together where it can be.</p>
      <SeatPicker flights={[first, ...others]} people={seated} onChoice={choose} />
    </section>
  );
}
