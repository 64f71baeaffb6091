import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useSession } from '../shared/session';
import { SignIn } from '../shared/sign-in';
import { View } from '../shared/view';
import { Party } from './party';
import { TripForm } from './trip-form';
import { newTrip, waysOf, type Slice, type Trip } from './trip';
import { WaySearch } from './way-search';

/** From the question where to, to seats that are held: all on one page, step by step. */
export function NewBooking(): JSX.Element {
  const { person } = useSession();
  const [trip, setTrip] = useState(newTrip);
  const [searched, setSearched] = useState<Trip | null>(null);
  const [chosen, setChosen] = useState<(Slice | null)[]>([]);

  const search = () => {
    setSearched(trip);
    setChosen([]);
  };
  const ways = searched === null ? [] : waysOf(searched);
  const slices = ways.map((_, index) => chosen[index] ?? null);
  const isChosen = slices.length > 0 && slices.every((slice) => slice !== null);
  return (
    <View title="Book a flight">
      <TripForm trip={trip} onTrip={setTrip} onSearch={search} />
      {ways.map((way, index) => (
        <WaySearch
          key={`${way.origin} ${way.destination} ${way.date}`}
          way={way}
          legend={index === 0 ? 'Outbound' : 'Return'}
          chosen={slices[index] ?? null}
          onChoose={(slice) =>
            setChosen(ways.map((_, at) => (at === index ? slice : (slices[at] ?? null))))
          }
        />
      ))}
      {isChosen && searched !== null && person?.isCustomer === true && (
        <Party key={JSON.stringify(searched)} trip={searched} slices={slices.filter(isThere)} />
      )}
      {isChosen && person?.isCustomer !== true && (
        <SignIn why="To book, as a customer: the token needs the scope bookings." />
      )}
    </View>
  );
}

const isThere = (slice: Slice | null): slice is Slice => slice !== null;
