import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { useAirports } from '../shared/airports';
import { Choice, Field, Form, Radios } from '../shared/fields';
import { dateInDays } from '../shared/words';
import { Calendar } from './calendar';
import { CABINS, isPlace, waysOf, type Trip } from './trip';

/** Asks from where to where, when, and for how many. */
export function TripForm({
  trip,
  onTrip,
  onSearch,
}: {
  trip: Trip;
  onTrip: (trip: Trip) => void;
  onSearch: () => void;
}): JSX.Element {
  const set = (part: Partial<Trip>) => onTrip({ ...trip, ...part });
  const [out, back] = waysOf(trip);
  const isKnown = isPlace(trip.origin) && isPlace(trip.destination);
  return (
    <Form onSend={onSearch} label="Search" class="card trip">
      <Radios
        legend="Trip"
        value={trip.isRoundTrip ? 'round' : 'one'}
        choices={[
          ['one', 'One way'],
          ['round', 'Round trip'],
        ]}
        onValue={(kind) => set({ isRoundTrip: kind === 'round' })}
      />
      <div class="row">
        <Places
          origin={trip.origin}
          destination={trip.destination}
          onPlaces={(places) => set(places)}
        />
        <Day
          label="Outbound"
          value={trip.dates.out}
          onValue={(date) => set({ dates: { ...trip.dates, out: date } })}
        />
        {trip.isRoundTrip && (
          <Day
            label="Return"
            value={trip.dates.back}
            onValue={(date) => set({ dates: { ...trip.dates, back: date } })}
          />
        )}
      </div>
      <div class="row">
        <Party trip={trip} onTrip={onTrip} />
        <Choice
          label="Cabin"
          value={trip.cabin}
          choices={CABINS}
          onValue={(cabin) => set({ cabin })}
        />
        <button type="submit" class="primary">
          Search flights
        </button>
      </div>
      {isKnown && out !== undefined && (
        <div class="row calendars">
          <Calendar
            way={out}
            legend="Outbound"
            onDate={(date) => set({ dates: { ...trip.dates, out: date } })}
          />
          {back !== undefined && (
            <Calendar
              way={back}
              legend="Return"
              onDate={(date) => set({ dates: { ...trip.dates, back: date } })}
            />
          )}
        </div>
      )}
    </Form>
  );
}

/** Two boxes that propose airports while one types. */
function Places({
  origin,
  destination,
  onPlaces,
}: {
  origin: string;
  destination: string;
  onPlaces: (places: Partial<Pick<Trip, 'origin' | 'destination'>>) => void;
}): JSX.Element {
  const list = useId();
  const airports = useAirports();
  const rules = { pattern: '[A-Z]{3}', maxLength: 3, required: true, isUpperCase: true, list };
  return (
    <>
      <Field
        label="From"
        value={origin}
        onValue={(place) => onPlaces({ origin: place })}
        {...rules}
      />
      <Field
        label="To"
        value={destination}
        onValue={(place) => onPlaces({ destination: place })}
        {...rules}
      />
      <datalist id={list}>
        {[...airports.values()].map(({ iata, city, name }) => (
          <option key={iata} value={iata}>
            {city === null ? name : `${city}, ${name}`}
          </option>
        ))}
      </datalist>
    </>
  );
}

const Day = (box: {
  label: string;
  value: string;
  onValue: (value: string) => void;
}): JSX.Element => <Field type="date" required min={dateInDays(0)} {...box} />;

const PARTY = [
  ['adults', 'Adults', 1],
  ['children', 'Children 2–11', 0],
  ['infants', 'Infants', 0],
] as const;

/** The most people with a seat in one booking. */
const MOST = 9;

function Party({ trip, onTrip }: { trip: Trip; onTrip: (trip: Trip) => void }): JSX.Element {
  return (
    <>
      {PARTY.map(([kind, label, least]) => (
        <Field
          key={kind}
          label={label}
          type="number"
          min={String(least)}
          max={String(MOST)}
          value={String(trip[kind])}
          onValue={(text) => {
            const number = Math.trunc(Number(text));
            if (number >= least && number <= MOST) onTrip({ ...trip, [kind]: number });
          }}
        />
      ))}
    </>
  );
}
