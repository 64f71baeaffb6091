import { findRepeatedFlight, MAX_SLICES } from '../../domain/itinerary';
import type { Money } from '../../domain/money';
import { findPartyFaults, PASSENGER_TYPES, type PassengerRequest } from '../../domain/passenger';
import type { ChangeRequest } from '../../temporal/contracts/change';
import type {
  BookingRequest,
  ExternalPaymentReport,
  ExternalPayment,
  PaymentRequest,
  RestoredBooking,
} from '../../temporal/contracts/booking';
import type { SaleCancellation } from '../../temporal/contracts/cancellation';
import type { ProviderEvent } from '../../temporal/contracts/provider-event';
import type { RefundRequest } from '../../temporal/contracts/refund';
import type { Retry } from '../../temporal/contracts/retries';
import type { ScheduleChangeOrder } from '../../temporal/contracts/schedule-change';
import { Unreadable } from '../../temporal/contracts/unreadable';
import { waitForReader } from './receive';
import { refuse } from './refuse';

/**
 * Whether messages have the shape that their type promises: anyone who can reach Temporal can send
 * one, from a command line too. The API parses its requests with zod; that library would more than
 * double the size of the workflow bundle.
 */

/**
 * @throws ApplicationFailure `validation_failed`. Without it, activities of a workflow that was
 * started with malformed input would be retried for ever.
 */
export function requireBooking(request: BookingRequest | RestoredBooking): void {
  requireReadableInput('bookingWorkflow', request);
  if (isRestored(request)) return;
  const {
    bookingId,
    customerId,
    flightId,
    slices,
    cabin,
    passengers,
    contactEmail,
    contactPhone,
    metadata,
    idempotencyKey,
    fingerprint,
    maxOpenHolds,
    startedBy,
  } = fieldsOf(request);
  const isParty =
    Array.isArray(passengers) &&
    passengers.every(isPassenger) &&
    findPartyFaults(passengers).length === 0;
  const isWay =
    slices === undefined ? isUuid(flightId) : flightId === undefined && isItinerary(slices);
  if (
    !isUuid(bookingId) ||
    !isWay ||
    ![customerId, cabin, fingerprint].every(isText) ||
    ![contactEmail, idempotencyKey].every((value) => value === null || isText(value)) ||
    !(maxOpenHolds === undefined || isAmount(maxOpenHolds)) ||
    !(startedBy === undefined || isText(startedBy)) ||
    !(contactPhone === undefined || isPhone(contactPhone)) ||
    !(metadata === undefined || isMetadata(metadata)) ||
    !isParty
  ) {
    refuse(
      'validation_failed',
      'bookingWorkflow takes { bookingId, customerId, flightId or slices, cabin, passengers, contactEmail, contactPhone?, metadata?, idempotencyKey, fingerprint, maxOpenHolds?, startedBy? }.',
    );
  }
}

/** Whether a booking's workflow takes up a sold booking again, instead of selling one. */
export function isRestored(request: BookingRequest | RestoredBooking): request is RestoredBooking {
  const { bookingId, customerId, restored } = fieldsOf(request);
  return restored === true && isUuid(bookingId) && isText(customerId);
}

/** Whether it is the flights of some slices: two at least in all, and each once. */
function isItinerary(slices: unknown): boolean {
  if (!Array.isArray(slices) || slices.length > MAX_SLICES) return false;
  const ids = slices.map((slice) => fieldsOf(slice).flightIds);
  const areFlights = (flightIds: unknown): flightIds is string[] =>
    Array.isArray(flightIds) && flightIds.length > 0 && flightIds.every(isFlightId);
  if (!ids.every(areFlights)) return false;
  return ids.flat().length > 1 && findRepeatedFlight(ids) === undefined;
}

function isPassenger(passenger: unknown): passenger is PassengerRequest {
  const { givenName, familyName, type, seatNumber, seats, bornOn, ...more } = fieldsOf(passenger);
  return (
    (givenName === undefined || isText(givenName)) &&
    isText(familyName) &&
    PASSENGER_TYPES.some((known) => known === type) &&
    (seatNumber === undefined || isText(seatNumber)) &&
    (seats === undefined || (Array.isArray(seats) && seats.every(isChosenSeat))) &&
    (bornOn === undefined || isDate(bornOn)) &&
    [more.title, more.loyaltyNumber].every((text) => text === undefined || isText(text))
  );
}

/** Whether it is a day of the calendar. PostgreSQL has no others. */
function isDate(value: unknown): boolean {
  if (typeof value !== 'string' || !/^[12]\d{3}-\d\d-\d\d$/.test(value)) return false;
  const day = new Date(value);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

function isMetadata(value: unknown): boolean {
  const entries = Object.entries(fieldsOf(value));
  return (
    entries.length > 0 &&
    entries.length <= MAX_METADATA &&
    entries.every(
      ([name, text]) => isText(name) && typeof text === 'string' && !UNSTORABLE.test(text),
    )
  );
}

/** More is refused by the API. */
const MAX_METADATA = 20;

/** What PostgreSQL has no JSON for. */
const UNSTORABLE = /[\0\p{Cs}]/u;

function isChosenSeat(seat: unknown): boolean {
  const { flightId, seatNumber } = fieldsOf(seat);
  return isFlightId(flightId) && isText(seatNumber);
}

/** In small letters, so that equal flights are equal text. */
function isFlightId(value: unknown): boolean {
  return isUuid(value) && value === value.toLowerCase();
}

/**
 * @throws ApplicationFailure `validation_failed`: a malformed update is rejected and leaves no
 * event in the history.
 */
export function requirePayment(payment: PaymentRequest): void {
  const { paymentId, customerId, idempotencyKey, fingerprint, amount, currency, paymentMethod } =
    fieldsOf(payment);
  const texts = [customerId, idempotencyKey, fingerprint, paymentMethod];
  if (!texts.every(isText) || !isUuid(paymentId) || !isAmount(amount) || !isCurrency(currency)) {
    refuse(
      'validation_failed',
      'makePayment takes { paymentId, customerId, idempotencyKey, fingerprint, amount, currency, paymentMethod }.',
    );
  }
}

/** @throws ApplicationFailure `validation_failed`. */
export function requireChange(change: ChangeRequest): void {
  const fields = fieldsOf(change);
  const { changeId, quoteId, requestedBy, asOperator, paymentMethod } = fields;
  const texts = [requestedBy, fields.idempotencyKey, fields.fingerprint];
  if (
    ![changeId, quoteId].every(isUuid) ||
    !texts.every(isText) ||
    typeof asOperator !== 'boolean' ||
    !(paymentMethod === undefined || isText(paymentMethod))
  ) {
    refuse(
      'validation_failed',
      'changeBooking takes { changeId, quoteId, requestedBy, asOperator, idempotencyKey, fingerprint, paymentMethod? }.',
    );
  }
}

function isCancellation(cancellation: unknown): boolean {
  const { requestedBy, asOperator, reason, note, expectedRefund } = fieldsOf(cancellation);
  return (
    isText(requestedBy) &&
    typeof asOperator === 'boolean' &&
    [reason, note].every((text) => text === undefined || isText(text)) &&
    (expectedRefund === undefined || isRefundAmount(expectedRefund))
  );
}

export function isExternalPaymentReport(payment: unknown): payment is ExternalPaymentReport {
  const { amount, currency, provider, providerPaymentId } = fieldsOf(payment);
  return isAmount(amount) && isCurrency(currency) && [provider, providerPaymentId].every(isText);
}

function isExternalPayment(payment: unknown): payment is ExternalPayment {
  return isExternalPaymentReport(payment) && isUuid(fieldsOf(payment).bookingId);
}

/** @throws ApplicationFailure `validation_failed`, as above. */
export function requireRefund(request: RefundRequest): void {
  requireReadableInput('refundWorkflow', request);
  const { paymentId, refundId, unapplied, retry } = fieldsOf(request);
  const { payment, reason } = fieldsOf(unapplied);
  const isUnapplied = isExternalPayment(payment) && isText(reason);
  const isSigned = isRetry(retry) && isText(fieldsOf(retry).messageId);
  if (
    !isUuid(paymentId) ||
    !(refundId === undefined || isUuid(refundId)) ||
    !(unapplied === undefined || isUnapplied) ||
    !(retry === undefined || isSigned)
  ) {
    refuse(
      'validation_failed',
      'refundWorkflow takes { paymentId, refundId?, unapplied?: { payment, reason }, retry?: { requestedBy, note, messageId } }.',
    );
  }
}

export function isRetry(retry: unknown): retry is Retry {
  const { requestedBy, note } = fieldsOf(retry);
  return [requestedBy, note].every(isText);
}

/** @throws ApplicationFailure `validation_failed`, as above. */
export function requireSaleCancellation(request: SaleCancellation): void {
  requireReadableInput('cancellationWorkflow', request);
  const { bookingId, startedBy } = fieldsOf(request);
  const isKnown = startedBy === undefined || isText(startedBy);
  if (!isCancellation(request) || !isUuid(bookingId) || !isKnown)
    refuse(
      'validation_failed',
      'cancellationWorkflow takes { bookingId, requestedBy, asOperator, reason?, note?, expectedRefund?, startedBy? }.',
    );
}

/** @throws ApplicationFailure `validation_failed`, as above. */
export function requireScheduleChange(order: ScheduleChangeOrder): void {
  requireReadableInput('scheduleChangeWorkflow', order);
  const { scheduleChangeId, flightId, kind, departureAt, arrivalAt, ...texts } = fieldsOf(order);
  const { reason, requestedBy, fingerprint } = texts;
  const isChange =
    kind === 'cancelled' || (kind === 'moved' && [departureAt, arrivalAt].every(isInstant));
  if (
    ![scheduleChangeId, flightId].every(isUuid) ||
    !isChange ||
    ![reason, requestedBy, fingerprint].every(isText)
  ) {
    refuse(
      'validation_failed',
      'scheduleChangeWorkflow takes { scheduleChangeId, flightId, kind, departureAt?, arrivalAt?, reason, requestedBy, fingerprint }.',
    );
  }
}

/** Whether it names a schedule change. */
export function isScheduleChangeNotice(notice: unknown): boolean {
  return isUuid(fieldsOf(notice).scheduleChangeId);
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

/** @throws ApplicationFailure `validation_failed`, as above. */
export function requireProviderEvent(event: ProviderEvent): void {
  requireReadableInput('providerEventWorkflow', event);
  const { provider, eventId, type, bookingId, captured, dispute, refund } = fieldsOf(event);
  if (
    ![provider, eventId, type].every(isText) ||
    !(bookingId === null || isUuid(bookingId)) ||
    !(captured === null || isExternalPayment(captured)) ||
    ![dispute, refund].every((report) => report === undefined || isProviderReport(report))
  ) {
    refuse(
      'validation_failed',
      'providerEventWorkflow takes { provider, eventId, type, bookingId, captured, dispute?, refund? }.',
    );
  }
}

/** Whether it is about a payment's money at some time. Its other words are the provider's. */
function isProviderReport(report: unknown): boolean {
  const { provider, providerPaymentId, status, amount, currency, toldAt } = fieldsOf(report);
  const isTime = isInstant(toldAt);
  const isMoney = isAmount(amount) && isCurrency(currency);
  return [provider, providerPaymentId, status].every(isText) && isMoney && isTime;
}

/**
 * Returns the fields of a JSON object; none for anything else. Copies nothing: a message may be
 * large.
 */
export function fieldsOf(message: unknown): Record<string, unknown> {
  const isObject = typeof message === 'object' && message !== null;
  if (!isObject || Array.isArray(message) || ArrayBuffer.isView(message)) return {};
  return message as Record<string, unknown>;
}

/**
 * Checks that a workflow's own input could be decoded. If this worker lacks the key, the workflow
 * waits for one that has it. If nobody can read the input, the workflow fails.
 *
 * @throws Error, which fails the workflow task only; or ApplicationFailure `validation_failed`.
 */
function requireReadableInput(workflow: string, input: unknown): void {
  if (!(input instanceof Unreadable)) return;
  if (input.prospect === 'may_be_read_later') throw waitForReader(workflow, input);
  refuse('validation_failed', `The input of ${workflow} can't be read. ${input.detail}`);
}

/**
 * Whether it is text without control characters. No name, key or ID has those. PostgreSQL can't
 * store all of them, so an activity would be retried for ever.
 */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && /^\P{Cc}{1,255}$/u.test(value);
}

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value);
}

/** E.164. */
function isPhone(value: unknown): boolean {
  return typeof value === 'string' && /^\+\d{3,15}$/.test(value);
}

function isCurrency(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Z]{3}$/.test(value);
}

/** Whether it is money, where zero is allowed. */
export function isRefundAmount(value: unknown): value is Money {
  const { amount, currency } = fieldsOf(value);
  return (amount === 0 || isAmount(amount)) && isCurrency(currency);
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
