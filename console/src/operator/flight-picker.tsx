import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useAirports } from '../shared/airports';
import { answerOf } from '../shared/api';
import { useAsked } from '../shared/asking';
import { Choice, Field } from '../shared/fields';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { clockTime } from '../shared/words';

const MOST_FLIGHTS = 100;

/** Names a flight by its day and way: nobody knows the ID of one. */
export function FlightPicker({
  date: firstDate,
  flightId,
  onFlight,
}: {
  date: string;
  flightId: string;
  onFlight: (flightId: string) => void;
}): JSX.Element {
  const api = useApi();
  const airports = useAirports();
  const [date, setDate] = useState(firstDate);
  const [origin, setOrigin] = useState('');
  const [destination, setDestination] = useState('');
  const isComplete = origin.length === 3 && destination.length === 3 && date !== '';
  const asked = useAsked(isComplete ? [date, origin, destination].join(' ') : '', async () => {
    if (!isComplete) return [];
    const page = await answerOf(
      api.GET('/api/v1/operations/flights', {
        params: { query: { date, origin, destination, limit: MOST_FLIGHTS } },
      }),
    );
    return page.data;
  });
  const flights = asked.value ?? [];
  return (
    <fieldset class="row">
      <legend>On a flight</legend>
      <Field label="Day of departure" type="date" value={date} onValue={setDate} />
      <Field label="From" value={origin} maxLength={3} isUpperCase onValue={setOrigin} />
      <Field label="To" value={destination} maxLength={3} isUpperCase onValue={setDestination} />
      <Choice
        label="Flight"
        value={flightId}
        onValue={onFlight}
        choices={[
          ['', flights.length === 0 ? 'Any: name day, from and to' : 'Any'],
          ...flights.map(
            ({ id, flightNumber, origin: from, departureAt }) =>
              [
                id,
                `${flightNumber}, ${clockTime(departureAt, airports.get(from)?.timeZone)}`,
              ] as const,
          ),
        ]}
      />
      <TroubleNote trouble={asked.trouble} again={asked.again} />
    </fieldset>
  );
}
