/* eslint jest/no-export: off -- The suites that call it are the tests. */
import type { Booking } from '../../src/domain/booking';
import { deadlineOf, seatNumbersOf, seen, type FoundFlight, type LocalShop } from './local-shop';

/**
 * A hold ends this soon after its deadline, or after a crash is over: the promise of the design.
 */
const GRACE_MS = 2_000;

/** Tests the way of a booking, from the search to its end, on a whole system. */
export function testJourney(openShop: () => Promise<LocalShop>): void {
  const doors: { close(): Promise<unknown> }[] = [];
  let shop: LocalShop;
  let flight: FoundFlight;
  const booked: Booking[] = [];
  const expired: Booking[] = [];

  beforeAll(async () => {
    shop = await openShop();
    doors.push(shop);
  });

  afterAll(async () => {
    for (const door of doors) await door.close();
  });

  test('two find a flight of tomorrow, sit together, pay, and are booked', async () => {
    flight = await shop.findFlight('SFO', 2);
    const free = freeInEconomy(flight);

    const booking = await shop.holdTwo(flight);
    const seats = seatNumbersOf(booking);
    expect(areSideBySide(seats)).toBe(true);
    expect(await shop.isOnSale(flight, seats)).toEqual([false, false]);
    expect(freeInEconomy(await shop.findFlight('SFO', 2))).toBe(free - 2);

    const { amount, currency } = booking.price;
    const paid = await shop.customer.pay(booking);
    expect(paid).toMatchObject({
      status: 201,
      body: { bookingStatus: 'booked', status: 'captured', amount, currency },
    });
    const read = await shop.customer.read(booking.id);
    expect(read).toMatchObject({
      status: 200,
      body: { status: 'booked', payment: { id: paid.body.id, status: 'captured', amount } },
    });
    expect(seatNumbersOf(read.body)).toEqual(seats);
    expect(await shop.isOnSale(flight, seats)).toEqual([false, false]);
    booked.push(booking);
  });

  test('a booking that is not paid for ends at its deadline, not before, and its seats are on sale again', async () => {
    const booking = await shop.holdTwo(flight);
    const deadline = deadlineOf(booking);
    await reached(deadline - GRACE_MS);
    expect(await shop.customer.read(booking.id)).toMatchObject({ body: { status: 'pending' } });

    const backOnSaleAt = await seenBackOnSale(booking);
    expect(backOnSaleAt).toBeGreaterThanOrEqual(deadline);
    expect(backOnSaleAt - deadline).toBeLessThan(GRACE_MS);
    await expectExpired(booking);
    expired.push(booking);
  });

  test("another service's signal books, once however often it comes, also when it is booked", async () => {
    const booking = await shop.holdTwo(flight);
    const signal = () => shop.signalPayment(booking, 'partner-payment-1');
    // The workers are held up, so that the second one comes before the first has booked.
    const workers = shop.workers();
    for (const pid of workers) process.kill(pid, 'SIGSTOP');
    try {
      expect(await signal()).toMatchObject({ exitCode: 0 });
      expect(await signal()).toMatchObject({ exitCode: 0 });
    } finally {
      for (const pid of workers) process.kill(pid, 'SIGCONT');
    }

    await seen('the booking as booked', async () => {
      const { body } = await shop.customer.read(booking.id);
      return body.status === 'booked';
    });
    const before = await shop.customer.read(booking.id);
    const { amount, currency } = booking.price;
    const payment = { provider: 'partner', status: 'captured', applied: true, amount, currency };
    expect(await shop.paymentsOf(booking)).toEqual([payment]);
    await seen('its workflow as open, and booked', async () => {
      const open = await shop.findWorkflows('ExecutionStatus="Running" AND BookingStatus="booked"');
      return open.includes(booking.workflowId);
    });

    expect(await signal()).toMatchObject({ exitCode: 0 });
    expect(await shop.paymentsOf(booking)).toEqual([payment]);
    expect((await shop.customer.read(booking.id)).body).toEqual(before.body);
    booked.push(booking);
  });

  test('a worker that is killed with a hold open comes back, and the deadline is kept', async () => {
    const booking = await shop.holdTwo(flight);
    const deadline = deadlineOf(booking);
    const killed = shop.workers();
    // Close to the deadline, so that it comes while nobody is there to see it.
    await reached(deadline - 500);
    for (const pid of killed) process.kill(pid, 'SIGKILL');

    const recoveredAt = await seen('a new worker at work', async () => {
      const workers = shop.workers().filter((pid) => !killed.includes(pid));
      return (await Promise.all(workers.map(shop.isPolling))).includes(true);
    });
    const backOnSaleAt = await seenBackOnSale(booking);
    expect(backOnSaleAt).toBeGreaterThanOrEqual(deadline);
    expect(backOnSaleAt - Math.max(deadline, recoveredAt)).toBeLessThan(GRACE_MS);
    await expectExpired(booking);
    expired.push(booking);
  });

  test('operators find the bookings in Temporal by their status', async () => {
    for (const [status, bookings] of [
      ['booked', booked],
      ['cancelled', expired],
    ] as const) {
      const expected = bookings.map(({ workflowId }) => workflowId).sort();
      expect(expected).toHaveLength(2);
      await seen(`${status} bookings in the list`, async () => {
        const found = await shop.findWorkflows(`BookingStatus="${status}"`);
        return JSON.stringify(found) === JSON.stringify(expected);
      });
    }
  });

  async function seenBackOnSale(booking: Booking): Promise<number> {
    return await seen('the seats on sale', async () => {
      const onSale = await shop.isOnSale(flight, seatNumbersOf(booking));
      return onSale.every(Boolean);
    });
  }

  async function expectExpired(booking: Booking): Promise<void> {
    expect(await shop.customer.read(booking.id)).toMatchObject({
      status: 200,
      body: { status: 'cancelled', cancellationReason: 'payment_expired', availableActions: [] },
    });
  }
}

function freeInEconomy({ cabins }: FoundFlight): number {
  return cabins.find(({ cabin }) => cabin === 'economy')?.availableSeats ?? 0;
}

/** One row, and neighbouring letters: a row has no I. */
function areSideBySide([one = '', other = '']: string[]): boolean {
  const [letter, next] = [one, other].map((seat) => 'ABCDEFGHJK'.indexOf(seat.slice(-1)));
  return one.slice(0, -1) === other.slice(0, -1) && next === (letter ?? NaN) + 1;
}

async function reached(time: number): Promise<void> {
  await seen('the time', () => Date.now() >= time);
}
