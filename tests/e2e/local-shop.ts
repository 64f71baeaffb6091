import { Connection } from '@temporalio/client';
import { resolveProgram } from '../../scripts/stack/binaries';
import { runCommand, type CommandResult } from '../../scripts/stack/commands';
import type { DevEnv } from '../../scripts/stack/dev-env';
import { query } from '../../scripts/stack/postgres-cluster';
import { TEMPORAL_CLI } from '../../scripts/stack/programs';
import { isPolling } from '../../scripts/stack/temporal-service';
import { daysAfter } from '../../src/activities/flight-schedule/local-time';
import { localDateOf } from '../../src/domain/local-date';
import { mintToken } from '../../src/cli/mint';
import { waitUntil } from '../../src/cli/wait';
import type { Booking } from '../../src/domain/booking';
import {
  bookingWorkflowId,
  type ExternalPaymentReport,
} from '../../src/temporal/contracts/booking';
import { clientOf, type Page } from '../api/client';
import { newPlace, removePlace, startDevStack } from '../support/dev-stack';
import { workflowBundle } from '../support/workflow-bundle';
import { PATIENCE_MS } from '../support/patience';

/**
 * Long enough to send a few messages from a command line on a slow machine, short enough to be
 * waited for.
 */
const PAYMENT_WINDOW_SECONDS = 20;

export const COUPLE = [
  { givenName: 'Ada', familyName: 'Lovelace' },
  { givenName: 'Charles', familyName: 'Babbage' },
];

/** What a flight's page of the search says, as far as it matters here. */
export interface FoundFlight {
  id: string;
  flightNumber: string;
  cabins: { cabin: string; availableSeats: number }[];
}

interface SeatMap {
  seats: { seatNumber: string; available: boolean }[];
}

export type LocalShop = Awaited<ReturnType<typeof openLocalShop>>;

/** How a system is started, and which of its parts are workers. */
interface Kind {
  script: 'dev' | 'dev:cluster';
  workers: string[];
  paymentWindowSeconds?: number;
  /** What else its environment has. */
  env?: NodeJS.ProcessEnv;
}

export const STACK: Kind = { script: 'dev', workers: ['worker'] };
export const CLUSTER: Kind = { script: 'dev:cluster', workers: ['worker-1', 'worker-2'] };

/**
 * All of it as `npm run dev` starts it, with what is on sale until tomorrow; and those who come
 * there, each with their own tool.
 */
export async function openLocalShop({
  script,
  workers,
  paymentWindowSeconds = PAYMENT_WINDOW_SECONDS,
  env = {},
}: Kind = STACK) {
  const cli = await resolveProgram(TEMPORAL_CLI);
  // Asked before the schedule is made, so that midnight in between doesn't matter.
  const tomorrow = daysAfter(localDateOf(new Date(), 'America/New_York'), 1);
  const { codePath } = await workflowBundle();
  const place = await newPlace();
  const stack = await startDevStack(
    place,
    {
      SCHEDULE_DAYS: '2',
      PAYMENT_WINDOW_SECONDS: String(paymentWindowSeconds),
      WORKFLOW_BUNDLE: codePath,
      ...env,
    },
    script,
  );
  const databaseUrl = required(stack.env, 'DATABASE_URL');
  const temporalAddress = required(stack.env, 'TEMPORAL_ADDRESS');
  const connection = Connection.lazy({ address: temporalAddress });
  const customer = clientOf(
    stack.url,
    await mintToken(
      {
        secret: required(stack.env, 'AUTH_JWT_SECRET'),
        issuer: required(stack.env, 'AUTH_ISSUER'),
        audience: required(stack.env, 'AUTH_AUDIENCE'),
      },
      { sub: 'ada', scope: 'bookings', expiresIn: '1h' },
    ),
  );

  return {
    ...stack,
    customer,

    /** The processes of the workers. */
    workers: () => workers.map((name) => stack.pidOf(name)),

    /** Whether the process asks Temporal for work. */
    isPolling: (pid: number) =>
      isPolling(
        {
          connection: { address: temporalAddress },
          namespace: 'default',
          taskQueue: 'bookings',
        },
        String(pid),
      ),

    /** The last flight of tomorrow from Newark: whatever the time is, its sales are open. */
    async findFlight(destination: string, passengers = 1): Promise<FoundFlight> {
      const wish = `origin=EWR&destination=${destination}&date=${tomorrow}&passengers=${passengers}`;
      const { body } = await customer.get<Page<FoundFlight>>(`/api/v1/flights?${wish}&limit=100`);
      const flight = body.data.at(-1);
      if (flight === undefined) throw new Error(`Nothing flies to ${destination} tomorrow`);
      return flight;
    },

    /** Two seats held until their deadline. */
    async holdTwo(flight: FoundFlight): Promise<Booking> {
      const { status, body } = await customer.create(flight, { passengers: COUPLE });
      expect({ status, body }).toMatchObject({ status: 201, body: { status: 'pending' } });
      return body;
    },

    async isOnSale(flight: FoundFlight, seatNumbers: string[]): Promise<boolean[]> {
      const { body } = await customer.get<SeatMap>(`/api/v1/flights/${flight.id}/seats`);
      return seatNumbers.map((wanted) =>
        body.seats.some(({ seatNumber, available }) => seatNumber === wanted && available),
      );
    },

    /**
     * What another service does that has been paid: it tells the workflow, with Temporal's own
     * tool.
     */
    async signalPayment(booking: Booking, providerPaymentId: string): Promise<CommandResult> {
      const { amount, currency } = booking.price;
      const payment: ExternalPaymentReport = {
        amount,
        currency,
        provider: 'partner',
        providerPaymentId,
      };
      return await runCommand(
        cli,
        [
          ...['workflow', 'signal', '--address', temporalAddress],
          ...['--workflow-id', bookingWorkflowId(booking.id)],
          ...['--name', 'paymentReceived', '--input', JSON.stringify(payment)],
        ],
        { timeoutMs: PATIENCE_MS },
      );
    },

    /**
     * The workflow IDs that Temporal's list has for a query, in order. Nothing in them is
     * encrypted.
     */
    async findWorkflows(wish: string): Promise<string[]> {
      const { executions } = await connection.workflowService.listWorkflowExecutions({
        namespace: 'default',
        query: wish,
      });
      return executions.map(({ execution }) => execution?.workflowId ?? '').sort();
    },

    /** The payments that the books hold for a booking. */
    async paymentsOf(booking: Booking): Promise<unknown[]> {
      return await query(
        databaseUrl,
        `SELECT provider, status, applied, amount, currency FROM payments WHERE booking_id = '${booking.id}'`,
      );
    },

    async close(): Promise<void> {
      await connection.close();
      await stack.stop();
      removePlace(place);
    },
  };
}

function required(env: DevEnv, name: keyof DevEnv): string {
  const value = env[name];
  if (value === undefined) throw new Error(`Bug: the stack's dev.env has no ${name}`);
  return value;
}

export function seatNumbersOf({ passengers }: Booking): string[] {
  return passengers.flatMap(({ seatNumber }) => seatNumber ?? []);
}

/** When the booking must have been paid for, in milliseconds. */
export function deadlineOf({ paymentRequiredBy }: Booking): number {
  if (paymentRequiredBy === null) throw new Error('The booking has no deadline');
  return Date.parse(paymentRequiredBy);
}

/** Waits for something that must come; answers when it was seen. */
export async function seen(
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<number> {
  await waitUntil(condition, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error(`Not seen: ${what}`),
  });
  return Date.now();
}
