import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { answerOf, type Schemas } from '../shared/api';
import { useTask } from '../shared/asking';
import { Choice, Field } from '../shared/fields';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { Card } from '../shared/view';
import { dateInDays } from '../shared/words';
import { ChangeOffer } from './change-offer';
import type { Slice } from './trip';
import { WaySearch } from './way-search';

/** Exchanges one way of a booked trip for another: choose, see the price, agree. */
export function ChangeFlights({
  booking,
  onChanged,
}: {
  booking: Schemas['Booking'];
  onChanged: () => void;
}): JSX.Element | null {
  const [isOpen, setOpen] = useState(false);
  if (booking.status !== 'booked') return null;
  const close = () => {
    setOpen(false);
    onChanged();
  };
  return (
    <Card title="Change flights">
      {isOpen ? (
        <OtherWay booking={booking} onDone={close} />
      ) : (
        <button type="button" onClick={() => setOpen(true)}>
          Look for other flights
        </button>
      )}
    </Card>
  );
}

function OtherWay({
  booking: { id, slices = [], passengers, cabin },
  onDone,
}: {
  booking: Schemas['Booking'];
  onDone: () => void;
}): JSX.Element {
  const api = useApi();
  const task = useTask();
  const [replaces, setReplaces] = useState(0);
  const [date, setDate] = useState(() => slices[0]?.departureAt.slice(0, 10) ?? dateInDays(3));
  const [chosen, setChosen] = useState<Slice | null>(null);
  const [quote, setQuote] = useState<Schemas['ChangeQuote'] | null>(null);
  const slice = slices[replaces];

  const ask = (wanted: Slice) => {
    setChosen(wanted);
    setQuote(null);
    task.run(async () => {
      setQuote(
        await answerOf(
          api.POST('/api/v1/bookings/{id}/change-quotes', {
            params: { path: { id } },
            body: { slices: [{ replaces, flightIds: wanted.segments.map((flight) => flight.id) }] },
          }),
        ),
      );
    });
  };
  return (
    <>
      <div class="row">
        <Choice
          label="Which way"
          value={String(replaces)}
          choices={slices.map(
            ({ origin, destination }, index) =>
              [String(index), `${origin.iata} to ${destination.iata}`] as const,
          )}
          onValue={(index) => {
            setReplaces(Number(index));
            setDate(slices[Number(index)]?.departureAt.slice(0, 10) ?? date);
            setChosen(null);
            setQuote(null);
          }}
        />
        <Field label="New day" type="date" value={date} min={dateInDays(0)} onValue={setDate} />
      </div>
      {slice !== undefined && date !== '' && (
        <WaySearch
          legend="New flights"
          way={{
            origin: slice.origin.iata,
            destination: slice.destination.iata,
            date,
            seats: passengers.filter(({ type }) => type !== 'infant').length,
            cabin,
          }}
          chosen={chosen}
          onChoose={ask}
        />
      )}
      <TroubleNote trouble={task.trouble} again={chosen === null ? undefined : () => ask(chosen)} />
      {quote !== null && <ChangeOffer key={quote.id} quote={quote} onDone={onDone} />}
    </>
  );
}
