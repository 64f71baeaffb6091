import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useAirports } from '../shared/airports';
import { answerOf, type Schemas } from '../shared/api';
import { useAsked } from '../shared/asking';
import { Field } from '../shared/fields';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { Badge, View, Waiting } from '../shared/view';
import { clockTime, count, dateInDays } from '../shared/words';
import { ScheduleChangeForm } from './schedule-change-form';

const REFRESH_MS = 10_000;
const MOST_FLIGHTS = 100;

type Load = Schemas['FlightLoad'];

/** The flights of a day with their load, and what the airline does to them. */
export function FlightLoads(): JSX.Element {
  const api = useApi();
  const airports = useAirports();
  const [date, setDate] = useState(dateInDays(1));
  const [origin, setOrigin] = useState('');
  const [destination, setDestination] = useState('');
  const [changing, setChanging] = useState<Load | null>(null);
  const places = {
    ...(origin.length === 3 ? { origin } : {}),
    ...(destination.length === 3 ? { destination } : {}),
  };
  const asked = useAsked(
    JSON.stringify({ date, places }),
    () =>
      answerOf(
        api.GET('/api/v1/operations/flights', {
          params: { query: { date, limit: MOST_FLIGHTS, ...places } },
        }),
      ),
    REFRESH_MS,
  );
  const flights = asked.value?.data ?? [];
  return (
    <View title="Flights">
      <div class="card row">
        <Field label="Day of departure" type="date" value={date} required onValue={setDate} />
        <Field label="From" value={origin} maxLength={3} isUpperCase onValue={setOrigin} />
        <Field label="To" value={destination} maxLength={3} isUpperCase onValue={setDestination} />
      </div>
      {asked.isWaiting && <Waiting what="Reading flights" />}
      <TroubleNote trouble={asked.trouble} again={asked.again} />
      {changing !== null && (
        <ScheduleChangeForm
          flight={changing}
          onClose={() => {
            setChanging(null);
            asked.again();
          }}
        />
      )}
      {asked.value !== undefined && (
        <p role="status">
          {count(flights.length, 'flight')}
          {asked.value.nextCursor === null ? '.' : ' and more: name from and to.'}
        </p>
      )}
      <ul class="plain loads">
        {flights.map((flight) => (
          <FlightLoad
            key={flight.id}
            flight={flight}
            airports={airports}
            onChange={() => setChanging(flight)}
          />
        ))}
      </ul>
    </View>
  );
}

function FlightLoad({
  flight,
  airports,
  onChange,
}: {
  flight: Load;
  airports: ReturnType<typeof useAirports>;
  onChange: () => void;
}): JSX.Element {
  const { flightNumber, origin, destination, departureAt, arrivalAt, status, seats } = flight;
  const zoneOf = (iata: string) => airports.get(iata)?.timeZone;
  return (
    <li class="card load">
      <div>
        <b>{flightNumber}</b> {origin}–{destination}, {clockTime(departureAt, zoneOf(origin))}–
        {clockTime(arrivalAt, zoneOf(destination))}{' '}
        {status !== 'scheduled' && <Badge tone="bad">{status}</Badge>}
        <small>
          {flight.aircraft.model}: {seats.sold} sold, {seats.held} held, {seats.free} free
        </small>
      </div>
      <LoadBar {...seats} />
      {flight.scheduleChanges.map((change) => (
        <small key={change.id}>
          {change.kind}: {change.reason} · {change.status}, {change.settled} of {change.affected}{' '}
          settled, {change.waiting} waiting
          {change.failed === 0 ? '' : `, ${change.failed} failed`}
        </small>
      ))}
      {status !== 'cancelled' && (
        <button type="button" aria-label={`Cancel or move ${flightNumber}`} onClick={onChange}>
          Cancel or move
        </button>
      )}
    </li>
  );
}

const WIDTH = 100;

function LoadBar({ capacity, sold, held }: Load['seats']): JSX.Element {
  const part = (number: number) => (capacity === 0 ? 0 : (number / capacity) * WIDTH);
  return (
    <svg
      class="load-bar"
      viewBox={`0 0 ${WIDTH} 6`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${Math.round(part(sold + held))} % sold or held`}
    >
      <rect class="rest" width={WIDTH} height="6" />
      <rect class="held" width={part(sold + held)} height="6" />
      <rect class="sold" width={part(sold)} height="6" />
    </svg>
  );
}
