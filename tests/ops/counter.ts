import { runFlights } from '../../src/cli/run';
import type { System, Systems } from '../../src/cli/systems';
import { findTarget } from '../../src/cli/target';
import type { Booking } from '../../src/domain/booking';
import { createPaymentProviders } from '../../src/payments/providers';
import { openStorefront } from '../support/api';
import { terminate } from '../support/terminate';

/** What a command printed, complained of, and ended with. */
export interface Ran {
  exitCode: number;
  out: string;
  err: string;
}

export type Counter = Awaited<ReturnType<typeof openCounter>>;

/** A shop, and an operator in front of its terminal. */
export async function openCounter() {
  const shop = await openStorefront();
  const system: System = {
    db: shop.db,
    client: shop.env.client,
    taskQueue: 'bookings',
    providers: createPaymentProviders(shop.provider.gateway),
  };

  /** Runs a command, as the operator `op-7` if it wants to know. */
  async function opsAt(at: System, ...args: string[]): Promise<Ran> {
    const out: string[] = [];
    const err: string[] = [];
    const exitCode = await runFlights(args, systemsOf(at), {
      print: (text) => out.push(text),
      complain: (text) => err.push(text),
    });
    return { exitCode, out: out.join('\n'), err: err.join('\n') };
  }

  return {
    ...shop,
    system,
    opsAt,
    ops: (...args: string[]) => opsAt(system, ...args),
    /** A seat that someone holds, and that someone. */
    async holdSeat() {
      const customer = await shop.customer();
      const flight = await shop.flight({ seats: 2 });
      const { status, body: booking } = await customer.create(flight);
      expect(status).toBe(201);
      return { customer, flight, booking };
    },
    /** A seat that is paid for. */
    async sellSeat() {
      const held = await this.holdSeat();
      const { status, body: payment } = await held.customer.pay(held.booking);
      expect(status).toBe(201);
      return { ...held, payment };
    },
    terminate: ({ workflowId }: Pick<Booking, 'workflowId'>) =>
      terminate(shop.env.client, workflowId),
    /** Moves a booking's deadline so far into the past, in the database alone. */
    async backdate({ id }: Booking, minutes: number): Promise<void> {
      await shop
        .db('bookings')
        .where({ id })
        .update({ payment_required_by: minutesAgo(minutes) });
    },
  };
}

export function minutesAgo(minutes: number): Date {
  return new Date(Date.now() - minutes * 60_000);
}

/** Expects a command to say no, in one line without anything of the inside. */
export function expectRefused({ exitCode, out, err }: Ran, why: string): void {
  expect({ exitCode, out, err }).toEqual({ exitCode: 1, out: '', err: why });
}

/** What a command said to a script. */
export function resultOf({ out }: Ran): unknown {
  return JSON.parse(out);
}

/** A system of which every part is open already. */
function systemsOf(system: System): Systems {
  return {
    target: () => findTarget({}),
    withDatabase: (work) => work(system.db),
    withTemporal: (work) => work(system),
    withSystem: (work) => work(system),
  };
}
