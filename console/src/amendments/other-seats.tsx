import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { SeatPicker } from '../seats/seat-picker';
import type { FlightWithSeats } from '../seats/seated';
import type { Schemas } from '../shared/api';
import { useIntent, useTask } from '../shared/asking';
import { serverNow } from '../shared/clock';
import { Form } from '../shared/fields';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { Card } from '../shared/view';
import { count } from '../shared/words';
import {
  afterChoice,
  flightsToFly,
  movesBetween,
  seatedOf,
  withMoves,
  type Move,
} from './seats-after-booking';

/** Moves passengers of a booking to other seats, held or sold, as long as their flight is to come. */
export function OtherSeats({
  booking,
  onMoved,
}: {
  booking: Schemas['Booking'];
  onMoved: () => void;
}): JSX.Element | null {
  const [isOpen, setOpen] = useState(false);
  const [said, setSaid] = useState('');
  const opener = useRef<HTMLButtonElement>(null);
  const [first, ...others] = flightsToFly(booking, serverNow());
  const hasSeats = booking.status === 'pending' || booking.status === 'booked';
  if (!hasSeats || first === undefined) return null;
  const close = (text: string) => {
    setOpen(false);
    setSaid(text);
    // The button that was pressed is no longer there.
    opener.current?.focus();
  };
  return (
    <Card title="Choose other seats">
      <button
        type="button"
        ref={opener}
        aria-expanded={isOpen}
        onClick={() => {
          setSaid('');
          setOpen(!isOpen);
        }}
      >
        {isOpen ? 'Keep the seats' : 'Look at the seats'}
      </button>
      <p role="status">{said}</p>
      {isOpen && (
        <Moves
          booking={booking}
          flights={[first, ...others]}
          onDone={(text) => {
            close(text);
            onMoved();
          }}
        />
      )}
    </Card>
  );
}

function Moves({
  booking,
  flights,
  onDone,
}: {
  booking: Schemas['Booking'];
  flights: [FlightWithSeats, ...FlightWithSeats[]];
  onDone: (text: string) => void;
}): JSX.Element {
  const api = useApi();
  const task = useTask();
  const wish = useIntent();
  const present = seatedOf(booking);
  // Only what was chosen is kept: the booking may change meanwhile.
  const [chosen, setChosen] = useState<Move[]>([]);
  const wanted = withMoves(present, chosen);
  const moves = movesBetween(present, wanted);
  const kept = new Map(
    flights.map(({ id }) => [
      id,
      new Set(present.flatMap(({ seats }) => (seats[id] === undefined ? [] : [seats[id]]))),
    ]),
  );

  const move = () => {
    const body = { seats: moves };
    task.run(async () => {
      const params = { path: { id: booking.id } };
      await wish.send(body, (intent) =>
        api.POST('/api/v1/bookings/{id}/seats', { intent, params, body }),
      );
      onDone(`Changed: ${moves.map(({ seatNumber }) => seatNumber).join(', ')}.`);
    });
  };
  return (
    <Form onSend={move} label="Choose other seats">
      <p>
        Choose who moves, then a free seat. The seat of someone else of the party is exchanged. It
        costs nothing.
      </p>
      <SeatPicker
        flights={flights}
        people={wanted}
        kept={kept}
        onChoice={(choice) => setChosen(movesBetween(present, afterChoice(wanted, choice)))}
      />
      <TroubleNote trouble={task.trouble} again={move} />
      <button type="submit" class="primary" disabled={task.isBusy || moves.length === 0}>
        {task.isBusy ? 'Moving …' : `Change ${count(moves.length, 'seat')}`}
      </button>
    </Form>
  );
}
