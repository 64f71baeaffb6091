import type { JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { answerOf } from '../shared/api';
import { useAsked } from '../shared/asking';
import { Choice } from '../shared/fields';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { Waiting } from '../shared/view';
import { clockTime, count, day, duration, money } from '../shared/words';
import type { Slice, Way } from './trip';

const SORTS = [
  ['departure', 'Earliest first'],
  ['price', 'Cheapest first'],
  ['duration', 'Shortest first'],
] as const;

const CONNECTIONS = [
  ['1', 'Direct and one stop'],
  ['0', 'Direct only'],
  ['2', 'Up to two stops'],
] as const;

const PAGE = 10;

/** Shows the ways of one direction on one day, to choose one. */
export function WaySearch({
  way,
  legend,
  chosen,
  onChoose,
}: {
  way: Way;
  legend: string;
  chosen: Slice | null;
  onChoose: (slice: Slice) => void;
}): JSX.Element {
  const api = useApi();
  const [sort, setSort] = useState<'departure' | 'price' | 'duration'>('price');
  const [connections, setConnections] = useState<'0' | '1' | '2'>('1');
  const [limit, setLimit] = useState(PAGE);
  const { origin, destination, date, seats, cabin } = way;
  const question = [origin, destination, date, seats, cabin, sort, connections].join(' ');
  useEffect(() => setLimit(PAGE), [question]);
  const asked = useAsked(`${question} ${limit}`, () =>
    answerOf(
      api.GET('/api/v1/slices', {
        params: {
          query: {
            origin,
            destination,
            date,
            cabin,
            sort,
            limit,
            passengers: seats,
            connections: Number(connections),
          },
        },
      }),
    ),
  );
  const slices = asked.value?.data ?? [];
  return (
    <section class="card">
      <h2>{`${legend}: ${origin} to ${destination}, ${day(`${date}T12:00:00Z`, 'UTC')}`}</h2>
      <div class="row">
        <Choice label="Order" value={sort} choices={SORTS} onValue={setSort} />
        <Choice label="Stops" value={connections} choices={CONNECTIONS} onValue={setConnections} />
      </div>
      {asked.isWaiting && <Waiting what="Searching" />}
      <TroubleNote trouble={asked.trouble} again={asked.again} />
      {asked.value !== undefined && slices.length === 0 && (
        <p role="status">Nothing flies there on this day with that many seats. Try another day.</p>
      )}
      <Ways legend={`${legend} flights`} slices={slices} chosen={chosen} onChoose={onChoose} />
      {typeof asked.value?.nextCursor === 'string' && limit < 100 && (
        <button type="button" onClick={() => setLimit(Math.min(100, limit * 2))}>
          More flights
        </button>
      )}
    </section>
  );
}

function Ways({
  legend,
  slices,
  chosen,
  onChoose,
}: {
  legend: string;
  slices: Slice[];
  chosen: Slice | null;
  onChoose: (slice: Slice) => void;
}): JSX.Element | null {
  const name = useId();
  if (slices.length === 0) return null;
  return (
    <fieldset class="ways">
      <legend class="hidden">{legend}</legend>
      {slices.map((slice) => (
        <label key={keyOf(slice)} class="way">
          <input
            type="radio"
            name={name}
            value={keyOf(slice)}
            checked={chosen !== null && keyOf(chosen) === keyOf(slice)}
            onChange={() => onChoose(slice)}
          />
          <WaySummary slice={slice} />
        </label>
      ))}
    </fieldset>
  );
}

/** Names a way by its flights, which no other way has in this order. */
const keyOf = ({ segments }: Slice): string => segments.map(({ id }) => id).join(' ');

function WaySummary({ slice }: { slice: Slice }): JSX.Element {
  const { origin, destination, departureAt, arrivalAt, segments, price, conditions } = slice;
  const departureDay = day(departureAt, origin.timeZone);
  const arrivalDay = day(arrivalAt, destination.timeZone);
  const stops = segments.slice(1).map((segment) => segment.origin.iata);
  const free = Math.min(
    ...segments.map(({ cabins }) =>
      Math.min(...cabins.map(({ availableSeats }) => availableSeats)),
    ),
  );
  return (
    <span class="way-text">
      <b class="times">
        {clockTime(departureAt, origin.timeZone)}–{clockTime(arrivalAt, destination.timeZone)}
      </b>
      <span>
        {origin.iata}–{destination.iata}, {duration(slice.durationMinutes)},{' '}
        {stops.length === 0 ? 'direct' : `via ${stops.join(' and ')}`}
        {arrivalDay === departureDay ? '' : `, arrives ${arrivalDay}`}
      </span>
      <small>
        {segments.map(({ flightNumber }) => flightNumber).join(', ')} · {count(free, 'seat')} left ·{' '}
        {conditions.refundable ? 'refundable' : 'not refundable'}
        {conditions.changeable ? ', changeable' : ''}
      </small>
      <b class="price">{money(price)}</b>
    </span>
  );
}
