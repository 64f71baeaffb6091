import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useIntent, useTask } from '../shared/asking';
import { Field, Form } from '../shared/fields';
import { go } from '../shared/route';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { count } from '../shared/words';
import { personRequest, wantedPeople, type WantedPerson } from './people';
import { SeatChoice } from './seat-choice';
import type { Slice, Trip } from './trip';

/** Asks who flies and where they sit, and holds the seats. */
export function Party({ trip, slices }: { trip: Trip; slices: Slice[] }): JSX.Element {
  const api = useApi();
  const task = useTask();
  const wish = useIntent();
  const [people, setPeople] = useState(() => wantedPeople(trip));
  const [email, setEmail] = useState('');

  const change = (index: number, part: Partial<WantedPerson>) =>
    setPeople((before) =>
      before.map((person, at) => (at === index ? { ...person, ...part } : person)),
    );
  const flights = slices.flatMap(({ segments }) => segments);

  const hold = () => {
    const body = {
      slices: slices.map(({ segments }) => ({ flightIds: segments.map(({ id }) => id) })),
      cabin: trip.cabin,
      passengers: people.map((person) => personRequest(person, flights)),
      ...(email === '' ? {} : { contact: { email } }),
    };
    task.run(async () => {
      const booking = await wish.send(body, (intent) =>
        api.POST('/api/v1/bookings', { intent, body }),
      );
      go('bookings', booking.id);
    });
  };

  return (
    <Form onSend={hold} label="Passengers" class="card">
      <h2>Passengers</h2>
      {people.map((person, index) => (
        <fieldset class="row person" key={index}>
          <legend>
            {index + 1}. {person.type}
          </legend>
          <Field
            label="Given name"
            value={person.givenName}
            maxLength={100}
            autocomplete={index === 0 ? 'given-name' : 'off'}
            onValue={(givenName) => change(index, { givenName })}
          />
          <Field
            label="Family name"
            value={person.familyName}
            maxLength={100}
            required
            autocomplete={index === 0 ? 'family-name' : 'off'}
            onValue={(familyName) => change(index, { familyName })}
          />
        </fieldset>
      ))}
      <div class="row">
        <Field
          label="E-mail for tickets"
          type="email"
          value={email}
          autocomplete="email"
          onValue={setEmail}
          hint="Optional."
        />
      </div>
      <SeatChoice flights={flights} cabin={trip.cabin} people={people} onPerson={change} />
      <TroubleNote trouble={task.trouble} again={hold} />
      <button type="submit" class="primary" disabled={task.isBusy}>
        {task.isBusy ? 'Holding seats …' : `Hold ${count(trip.adults + trip.children, 'seat')}`}
      </button>
    </Form>
  );
}
