import { findPartyFaults, PASSENGER_TYPES, type PassengerRequest } from '../../domain/passenger';
import type {
  BookingRequest,
  CancellationRequest,
  ExternalPayment,
  PaymentRequest,
} from '../../temporal/contracts';
import { refuse } from './refuse';

/**
 * Whether messages have the shape that their type promises: anyone who can reach Temporal can send one, from a command line too. The API
 * parses its requests with zod; that library would more than double the workflow bundle.
 */

/** @throws ApplicationFailure `validation_failed`: a workflow started with anything else fails at once, instead of trying its steps for ever. */
export function requireBooking(request: BookingRequest): void {
  const {
    bookingId,
    customerId,
    flightId,
    cabin,
    passengers,
    contactEmail,
    idempotencyKey,
    fingerprint,
  } = fieldsOf(request);
  const isParty =
    Array.isArray(passengers) &&
    passengers.every(isPassenger) &&
    findPartyFaults(passengers).length === 0;
  if (
    ![bookingId, flightId].every(isUuid) ||
    ![customerId, cabin, fingerprint].every(isText) ||
    ![contactEmail, idempotencyKey].every((value) => value === null || isText(value)) ||
    !isParty
  ) {
    refuse(
      'validation_failed',
      'bookingWorkflow takes { bookingId, customerId, flightId, cabin, passengers, contactEmail, idempotencyKey, fingerprint }.',
    );
  }
}

function isPassenger(passenger: unknown): passenger is PassengerRequest {
  const { givenName, familyName, type, seatNumber } = fieldsOf(passenger);
  return (
    [givenName, familyName].every(isText) &&
    PASSENGER_TYPES.some((known) => known === type) &&
    (seatNumber === undefined || isText(seatNumber))
  );
}

/** @throws ApplicationFailure `validation_failed`, so that a malformed update is rejected and leaves no trace. */
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

/** @throws ApplicationFailure `validation_failed`, as above. */
export function requireCancellation(cancellation: CancellationRequest): void {
  const { requestedBy, asOperator, reason } = fieldsOf(cancellation);
  if (
    !isText(requestedBy) ||
    typeof asOperator !== 'boolean' ||
    !(reason === undefined || isText(reason))
  ) {
    refuse('validation_failed', 'cancelBooking takes { requestedBy, asOperator, reason? }.');
  }
}

export function isExternalPayment(payment: unknown): payment is ExternalPayment {
  const { amount, currency, provider, providerPaymentId } = fieldsOf(payment);
  return isAmount(amount) && isCurrency(currency) && [provider, providerPaymentId].every(isText);
}

function fieldsOf(message: unknown): Record<string, unknown> {
  return typeof message === 'object' && message !== null ? { ...message } : {};
}

/** Control characters are in no name, key or ID; PostgreSQL can't store all of them, and a step would be tried for ever. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && /^\P{Cc}{1,255}$/u.test(value);
}

function isUuid(value: unknown): value is string {
  return typeof value === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value);
}

function isCurrency(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Z]{3}$/.test(value);
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
