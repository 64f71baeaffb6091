import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { BookingPage } from './customer/booking-page';
import { MyBookings } from './customer/my-bookings';
import { NewBooking } from './customer/new-booking';
import { FindBookings } from './operator/find-bookings';
import { FlightLoads } from './operator/flight-loads';
import { LocalControls } from './operator/local-controls';
import { NeedsAPerson } from './operator/needs-a-person';
import { OperatorsBooking } from './operator/operators-booking';
import { clientFor } from './shared/api';
import { learnTime } from './shared/clock';
import { useLocalStack } from './shared/local-stack';
import { go, useRoute } from './shared/route';
import { SessionContext, type Person } from './shared/session';
import { SignIn } from './shared/sign-in';
import { View } from './shared/view';

/** The console: what a customer and an operator see and do, each by their own token. */
export function App(): JSX.Element {
  const [person, setPerson] = useState<Person | null>(null);
  const session = useMemo(
    () => ({
      person,
      api: clientFor(person?.token),
      signIn: (who: Person) => {
        setPerson(who);
        if (who.isOperator && !who.isCustomer) go('operator', 'needs-a-person');
      },
      signOut: () => {
        setPerson(null);
        go();
      },
    }),
    [person],
  );
  useEffect(() => {
    void session.api
      .GET('/api/v1/info')
      .then(({ data }) => data !== undefined && learnTime(data.time))
      .catch(() => undefined);
  }, []);

  return (
    <SessionContext.Provider value={session}>
      <Header person={person} onSignOut={session.signOut} />
      <main>
        <Content person={person} />
      </main>
    </SessionContext.Provider>
  );
}

function Content({ person }: { person: Person | null }): JSX.Element {
  const [room, id] = useRoute();
  switch (room) {
    case undefined:
      return <NewBooking />;
    case 'sign-in':
      return person === null ? <SignInView why="To book, and to see your bookings." /> : <Home />;
    case 'bookings':
      if (person === null) return <SignInView why="To see your bookings." />;
      return id === undefined ? <MyBookings /> : <BookingPage id={id} key={id} />;
    case 'operator':
      if (person?.isOperator !== true)
        return <SignInView why="As an operator: the token needs the scope operator." />;
      return <OperatorContent />;
    default:
      return <NotFound />;
  }
}

function OperatorContent(): JSX.Element {
  const [, room, id] = useRoute();
  switch (room) {
    case 'needs-a-person':
      return <NeedsAPerson />;
    case 'bookings':
      return id === undefined ? <FindBookings /> : <OperatorsBooking id={id} key={id} />;
    case 'flights':
      return <FlightLoads />;
    case 'local':
      return <LocalControls />;
    case undefined:
    default:
      return <NotFound />;
  }
}

function Home(): JSX.Element {
  useEffect(() => go(), []);
  return <p role="status">Signed in.</p>;
}

const SignInView = ({ why }: { why: string }): JSX.Element => (
  <View title="Who are you?">
    <SignIn why={why} />
  </View>
);

const NotFound = (): JSX.Element => (
  <View title="No such view">
    <p>
      <a href="#/">Search for flights</a>
    </p>
  </View>
);

function Header({
  person,
  onSignOut,
}: {
  person: Person | null;
  onSignOut: () => void;
}): JSX.Element {
  const here = useRoute();
  const local = useLocalStack();
  const links: [path: string, text: string][] = [['', 'Book']];
  if (person?.isCustomer === true) links.push(['bookings', 'My bookings']);
  if (person?.isOperator === true)
    links.push(
      ['operator/needs-a-person', 'Needs a person'],
      ['operator/bookings', 'Bookings'],
      ['operator/flights', 'Flights'],
    );
  if (person?.isOperator === true && local !== null) links.push(['operator/local', 'Local stack']);
  const current = here.slice(0, here[0] === 'operator' ? 2 : 1).join('/');
  return (
    <header>
      <a class="brand" href="#/">
        <img src="/console/icon.svg" alt="" width="28" height="28" />
        Flight Bookings
      </a>
      <nav aria-label="Views">
        {links.map(([path, text]) => (
          <a key={path} href={`#/${path}`} aria-current={path === current ? 'page' : undefined}>
            {text}
          </a>
        ))}
      </nav>
      <div class="who">
        {person === null ? (
          <a href="#/sign-in">Sign in</a>
        ) : (
          <>
            <span>{person.name}</span>
            <button type="button" onClick={onSignOut}>
              Sign out
            </button>
          </>
        )}
      </div>
    </header>
  );
}
