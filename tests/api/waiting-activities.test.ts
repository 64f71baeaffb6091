import { openStorefront, type Storefront } from '../support/api';
import { NOT_NOW } from '../support/faulty-database';
import { seatsByState, type FlightOnSale } from '../support/flights';
import { STARTING_MS } from '../support/shop';

/**
 * A step that PostgreSQL stops in the middle, for whatever reason, is made again: the customer
 * notices nothing.
 */

let store: Storefront;

beforeAll(async () => {
  store = await openStorefront();
  // The first time that a customer's row comes by, the server raises the state that their name
  // says.
  await store.db.raw(`
    CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE
      state text := substr(NEW.customer_id, 1, 5);
      seen text := 'seen_' || TG_TABLE_NAME || '_' || TG_OP || '_' || state;
    BEGIN
      IF NEW.customer_id NOT LIKE '_____/once' THEN RETURN NEW; END IF;
      -- A sequence keeps what a rolled back transaction would forget.
      IF nextval(format('%I', seen)) = 1 THEN RAISE EXCEPTION 'not now' USING ERRCODE = state; END IF;
      RETURN NEW;
    END $$;
    ${Object.keys(NOT_NOW)
      .flatMap((state) =>
        ['bookings', 'payments'].flatMap((table) =>
          ['INSERT', 'UPDATE'].map((op) => `CREATE SEQUENCE "seen_${table}_${op}_${state}";`),
        ),
      )
      .join('\n')}
    CREATE TRIGGER fail_once BEFORE INSERT OR UPDATE ON bookings FOR EACH ROW EXECUTE FUNCTION fail_once();
    CREATE TRIGGER fail_once BEFORE INSERT OR UPDATE ON payments FOR EACH ROW EXECUTE FUNCTION fail_once();
  `);
}, STARTING_MS);

afterAll(() => store.close());

async function raisedFor(state: string): Promise<number> {
  const { rows } = await store.db.raw<{ rows: { raised: number }[] }>(
    `SELECT count(*) AS raised FROM pg_sequences WHERE sequencename LIKE ? AND last_value > 1`,
    [`seen\\_%\\_${state}`],
  );
  return rows[0]?.raised ?? 0;
}

/** Books, pays and cancels, with each write refused once in the given state. */
async function sellDespite(state: string, flight: FlightOnSale): Promise<void> {
  const customer = await store.customer(`${state}/once`);
  const { status, body: booking } = await customer.create(flight);
  expect(status).toBe(201);
  expect(await customer.pay(booking)).toMatchObject({ status: 201 });
  expect(await store.db('payments').where({ booking_id: booking.id })).toHaveLength(1);
  expect(await customer.cancel(booking)).toMatchObject({ status: 200 });
  expect(await seatsByState(store.db, flight.id)).toMatchObject({ free: 1, held: 0, sold: 0 });
  // Both tables, both ways of writing them: each was refused once, and written after that.
  expect(await raisedFor(state)).toBe(4);
}

// Each waits for its steps to be tried again: some at once take as long as one.
test.each(inGroupsOf(6, Object.keys(NOT_NOW)))(
  '%j at each activity of a sale: booked, paid once and cancelled all the same',
  async (states) => {
    const sales: [string, FlightOnSale][] = [];
    for (const state of states) sales.push([state, await store.flight({ seats: 1 })]);
    await Promise.all(sales.map(([state, flight]) => sellDespite(state, flight)));
  },
);

function inGroupsOf<T>(size: number, items: readonly T[]): T[][][] {
  const starts = items.map((_, index) => index).filter((index) => index % size === 0);
  return starts.map((start) => [items.slice(start, start + size)]);
}
