import type { NameCorrectionRequest, SeatChoiceRequest } from '../../temporal/contracts/amendment';
import { refuse } from './refuse';
import { fieldsOf, isText, isUuid } from './shapes';

/** @throws ApplicationFailure `validation_failed`: it leaves no event in the history. */
export function requireNameCorrection(request: NameCorrectionRequest): void {
  const { passengerId, givenName, familyName } = fieldsOf(request);
  const isName =
    (givenName === undefined || givenName === null || isText(givenName)) &&
    (familyName === undefined || isText(familyName));
  if (!isAmendment(request) || !isUuid(passengerId) || !isName)
    refuse(
      'validation_failed',
      'correctName takes { passengerId, requestedBy, asOperator, fingerprint, idempotencyKey?, givenName?, familyName? }.',
    );
}

/** Nine passengers on eight flights. */
const MAX_MOVES = 72;

/** @throws ApplicationFailure `validation_failed`, as above. */
export function requireSeatChoice(request: SeatChoiceRequest): void {
  const { seats } = fieldsOf(request);
  const areSeats =
    Array.isArray(seats) && seats.length > 0 && seats.length <= MAX_MOVES && seats.every(isMove);
  if (!isAmendment(request) || !areSeats)
    refuse(
      'validation_failed',
      'chooseSeats takes { seats: [{ passengerId, flightId, seatNumber }], requestedBy, asOperator, fingerprint, idempotencyKey? }.',
    );
}

function isAmendment(request: unknown): boolean {
  const { requestedBy, asOperator, fingerprint, idempotencyKey } = fieldsOf(request);
  return (
    [requestedBy, fingerprint].every(isText) &&
    typeof asOperator === 'boolean' &&
    (idempotencyKey === undefined || isText(idempotencyKey))
  );
}

function isMove(move: unknown): boolean {
  const { passengerId, flightId, seatNumber } = fieldsOf(move);
  return [passengerId, flightId].every(isUuid) && isText(seatNumber);
}
