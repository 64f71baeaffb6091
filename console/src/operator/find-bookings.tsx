import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { answerOf, type Schemas } from '../shared/api';
import { useTask } from '../shared/asking';
import { BookingList } from '../shared/booking-list';
import { Field, Form } from '../shared/fields';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { View } from '../shared/view';
import { dateInDays } from '../shared/words';
import { FlightPicker } from './flight-picker';

/** Finds anyone's bookings. What is looked for goes in a body: no name stands in an address. */
export function FindBookings(): JSX.Element {
  const api = useApi();
  const task = useTask();
  const [reference, setReference] = useState('');
  const [familyName, setFamilyName] = useState('');
  const [contactEmail, setContactEmail] = useState('');
  const [flightId, setFlightId] = useState('');
  const [found, setFound] = useState<Schemas['BookingPage'] | null>(null);

  const given = Object.entries({ reference, familyName, contactEmail, flightId })
    .map(([field, text]) => [field, text.trim()] as const)
    .filter(([, text]) => text !== '');
  const find = (cursor?: string) =>
    task.run(async () => {
      const page = await answerOf(
        api.POST('/api/v1/bookings/search', {
          body: { ...Object.fromEntries(given), ...(cursor === undefined ? {} : { cursor }) },
        }),
      );
      setFound((before) =>
        cursor === undefined || before === null
          ? page
          : { ...page, data: [...before.data, ...page.data] },
      );
    });
  return (
    <View title="Bookings">
      <Form onSend={() => find()} label="Find bookings" class="card">
        <div class="row">
          <Field
            label="Reference"
            value={reference}
            maxLength={6}
            isUpperCase
            onValue={setReference}
          />
          <Field label="Family name" value={familyName} maxLength={100} onValue={setFamilyName} />
          <Field label="E-mail" type="email" value={contactEmail} onValue={setContactEmail} />
        </div>
        <FlightPicker date={dateInDays(1)} flightId={flightId} onFlight={setFlightId} />
        <TroubleNote trouble={task.trouble} again={() => find()} />
        <button type="submit" class="primary" disabled={task.isBusy || given.length === 0}>
          Find
        </button>
      </Form>
      {found !== null && found.data.length === 0 && <p role="status">No booking is like that.</p>}
      {found !== null && found.data.length > 0 && (
        <BookingList label="Found bookings" bookings={found.data} path="operator/bookings" />
      )}
      {typeof found?.nextCursor === 'string' && (
        <button type="button" onClick={() => find(found.nextCursor ?? undefined)}>
          More
        </button>
      )}
    </View>
  );
}
