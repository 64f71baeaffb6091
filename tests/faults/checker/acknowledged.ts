import type { Operation } from '../history/read';
import { Booking, Change, isRefused, read } from './bodies';
import type { Check } from './finding';
import { cameToNothing, firstSentAt, type Attempts } from './requests';
import { isPaid } from './sale';
import { disruptionsOf, findLostScheduleChanges } from './schedule-changes';
import { bookingIn, isHolding, NEVER_HELD, type BookingStory, type Story } from './story';

/**
 * Every success that a client was told is there at the end, unless something that could have undone
 * it was asked for later (docs/reliability.md, "What is promised": a booking returned with 201 stays
 * readable; a payment returned with 201 is captured and its booking booked; a cancellation returned
 * with 200 stays). Nothing happened that nobody asked for.
 */
export const checkAcknowledged: Check = (history, story) =>
  [...story.bookings.values()].flatMap((booking) => [
    ...findLostBooking(booking),
    ...(booking.last === undefined
      ? []
      : [
          ...findLostSale(booking, booking.last),
          ...findLostHold(booking, booking.last),
          ...findLostCancellation(booking, booking.last),
          ...findCauselessStatus(booking, booking.last, story, operatorsOf(history.run.customers)),
          ...findLostItinerary(booking, booking.last),
          ...findLostNames(booking, booking.last),
          ...findLostResponse(booking, booking.last),
          ...findLostScheduleChanges(booking, story),
        ]),
  ]);

/** Kinds of requests after which a booking has other seats or flights. */
const EXCHANGES = ['change', 'choose_seats'];

function operatorsOf(customers: { client: number; role: string }[]): Set<number> {
  return new Set(customers.filter(({ role }) => role === 'operator').map(({ client }) => client));
}

function successes(operations: Operation[], kind: string, status: number): Operation[] {
  return operations.filter(
    (operation) => operation.kind === kind && operation.response?.status === status,
  );
}

const idsOf = (operations: Operation[]) => operations.map(({ id }) => id);

function findLostBooking({ id, creation, last }: BookingStory) {
  const told = creation.filter(({ response }) => (response?.status ?? 500) < 300);
  const [first] = told;
  if (first === undefined) return [];
  if (last === undefined)
    return [{ what: `Booking ${id} was acknowledged and is not found`, operations: idsOf(told) }];
  const body = read(Booking, first.response?.body);
  return body === undefined || body.reference === last.reference
    ? []
    : [{ what: `Booking ${id} has another reference at the end`, operations: idsOf(told) }];
}

/** What was paid for, and what anybody saw as booked, ends by a cancellation alone. */
function findLostSale({ id, operations, sights }: BookingStory, last: Booking) {
  const paid = operations.filter(isPaid);
  const seen = sights.filter(({ booking }) => booking.status === 'booked');
  const told = [...new Set([...idsOf(paid), ...seen.map(({ operation }) => operation)])];
  const isCancelled =
    last.status === 'cancelled' && UNDOES_A_SALE.includes(last.cancellationReason ?? '');
  if (told.length === 0 || last.status === 'booked' || isCancelled) return [];
  const was = paid.length > 0 ? 'paid for' : 'seen as booked';
  return [{ what: `Booking ${id} was ${was} and is ${describeEnd(last)}`, operations: told }];
}

/**
 * Requests that undo a sale. A sold booking whose flight is cancelled stays as it is until its
 * customer has responded, for which they have days.
 */
const UNDOES_A_SALE = ['customer_request', 'operator_request'];

/** Seats that somebody was shown were held: the booking can't end as one that got none. */
function findLostHold({ id, sights }: BookingStory, last: Booking) {
  const held = sights.filter(isHolding);
  return held.length === 0 || !NEVER_HELD.includes(last.cancellationReason ?? '')
    ? []
    : [
        {
          what: `Booking ${id} had its seats and is ${describeEnd(last)}`,
          operations: held.map(({ operation }) => operation),
        },
      ];
}

function describeEnd({ status, cancellationReason }: Booking): string {
  return cancellationReason === null ? status : `${status}, ${cancellationReason}`;
}

function findLostCancellation({ id, operations }: BookingStory, last: Booking) {
  const told = successes(operations, 'cancel', 200);
  return told.length === 0 || last.status === 'cancelled'
    ? []
    : [
        {
          what: `Booking ${id} was acknowledged as cancelled and is ${last.status}`,
          operations: idsOf(told),
        },
      ];
}

/** A status that nobody has asked for. */
function findCauselessStatus(
  { id, creation, operations, payments }: BookingStory,
  last: Booking,
  story: Story,
  operators: Set<number>,
) {
  const asked = (kinds: string[], isOperator?: boolean) =>
    operations.some(
      ({ kind, client, response }) =>
        kinds.includes(kind) &&
        !isRefused(response) &&
        (isOperator === undefined || operators.has(client) === isOperator),
    );
  const askedAt = firstSentAt(creation);
  const nobody = (what: string) => [{ what: `Booking ${id} ${what}`, operations: [] }];
  if (last.status === 'booked' && !asked(['pay', 'pay_external']))
    return nobody('is booked though nobody has paid');
  if (payments?.some(({ status }) => status === 'captured') && !asked(['pay', 'pay_external']))
    return nobody('has a captured payment that nobody has made');
  if (last.status !== 'cancelled') return [];
  switch (last.cancellationReason ?? '') {
    case 'customer_request':
      return asked(['cancel'], false) ? [] : nobody('is cancelled, and its customer has not asked');
    case 'operator_request':
      return asked(['cancel'], true) ? [] : nobody('is cancelled, and no operator has asked');
    case 'flight_cancelled':
      return disruptionsOf(last, story, askedAt).length > 0
        ? []
        : nobody('is cancelled by a change that nobody made');
    default:
      return [];
  }
}

function flightsOf({ slices }: Booking): string[] {
  return slices.flatMap(({ segments }) => segments.map(({ id }) => id));
}

function seatsOf({ passengers }: Booking): string[] {
  return passengers
    .flatMap(({ seats }) => seats.map(({ flightId, seatNumber }) => `${flightId} ${seatNumber}`))
    .sort();
}

/**
 * The itinerary and the seats are those that were acknowledged last, if nothing was asked for since
 * then that could have exchanged them.
 */
function findLostItinerary({ id, creation, requests }: BookingStory, last: Booking) {
  const exchanges = requests.filter(
    (attempts) => EXCHANGES.includes(attempts[0]?.kind ?? '') && !cameToNothing(attempts),
  );
  const latest = exchanges.at(-1) ?? creation;
  const told = latest.filter((attempt) => acknowledgedBooking(attempt) !== undefined);
  const [first] = told;
  const wanted = first === undefined ? undefined : acknowledgedBooking(first);
  const isAlone = exchanges.every(
    (other) => other === latest || isDoneBefore(other, firstSentAt(latest)),
  );
  if (wanted === undefined || !isAlone) return [];
  const expected = JSON.stringify([flightsOf(wanted), seatsOf(wanted)]);
  return expected === JSON.stringify([flightsOf(last), seatsOf(last)])
    ? []
    : [
        {
          what: `Booking ${id} has other flights or seats than were acknowledged last`,
          operations: idsOf(told),
        },
      ];
}

/** An exchange without an answer may have come later than one that was sent after it. */
function isDoneBefore(attempts: Attempts, at: number): boolean {
  return attempts.some(
    (attempt) => attempt.endedAt < at && acknowledgedBooking(attempt) !== undefined,
  );
}

/** What was answered definitely can't take effect any more. */
function isOver({ response }: Operation): boolean {
  return response !== undefined && response.status < 500 && response.status !== 202;
}

function acknowledgedBooking(operation: Operation): Booking | undefined {
  const { kind, response } = operation;
  if (kind === 'change') {
    const change = read(Change, response?.status === 201 ? response.body : undefined);
    return change?.status === 'completed' ? change.booking : undefined;
  }
  const isDone = response?.status === (kind === 'book' ? 201 : 200);
  return isDone ? bookingIn(operation) : undefined;
}

function findLostNames({ id, operations }: BookingStory, last: Booking) {
  const corrections = operations.filter(
    ({ kind, response }) => kind === 'correct_name' && !isRefused(response),
  );
  const latest = corrections.at(-1);
  if (latest?.response?.status !== 200) return [];
  // Names that were asked for at the same time may have come in any order.
  const isAlone = corrections.every(
    (other) => other === latest || (isOver(other) && other.endedAt < latest.sentAt),
  );
  const wanted = bookingIn(latest)?.passengers.map(nameOf).join();
  return !isAlone || wanted === undefined || wanted === last.passengers.map(nameOf).join()
    ? []
    : [{ what: `Booking ${id} has not the names that were corrected`, operations: [latest.id] }];
}

const nameOf = ({ givenName, familyName }: Booking['passengers'][number]) =>
  `${givenName ?? ''} ${familyName}`;

function findLostResponse({ id, operations }: BookingStory, last: Booking) {
  return successes(operations, 'accept', 200).flatMap((operation) => {
    const accepted = bookingIn(operation)?.scheduleChange;
    const isOpen =
      accepted !== undefined &&
      accepted !== null &&
      last.scheduleChange?.id === accepted.id &&
      last.scheduleChange.actionTaken === null;
    return isOpen
      ? [
          {
            what: `Booking ${id} accepted new times and is asked again`,
            operations: [operation.id],
          },
        ]
      : [];
  });
}
