import type { ProblemCode } from '../problem';

/**
 * What each problem code tells a client. The reference shows it with every response that may have
 * it.
 */
export const PROBLEM_MEANINGS: Record<ProblemCode, string> = {
  malformed_request: 'The request is not valid HTTP.',
  malformed_json: 'The body is not valid JSON.',
  validation_failed: 'A field is missing, unknown or wrong; `errors` names each.',
  idempotency_key_required: 'This operation needs an idempotency key.',
  idempotency_key_invalid: 'The key is not 1 to 255 visible ASCII characters.',
  unauthenticated: 'There is no valid bearer token, or the signature is wrong.',
  payment_declined: 'The card was declined; `declineCode` says why. Nothing was taken.',
  forbidden: 'The token does not allow this.',
  flight_not_found: 'There is no such flight.',
  booking_not_found: "There is no such booking, or it is someone else's.",
  webhook_endpoint_not_found: "There is no such webhook endpoint, or it is someone else's.",
  delivery_not_found: 'The endpoint has no such delivery, or it is older than 30 days.',
  schedule_change_not_found: 'There is no such schedule change.',
  route_not_found: 'There is no such path.',
  method_not_allowed: 'The path exists, with the methods that `Allow` names.',
  request_timeout: 'The request did not arrive whole in time.',
  seats_unavailable: 'Too few seats are left, or a chosen seat is taken.',
  flight_closed:
    'Sales of this flight have closed: 60 minutes before departure, or it is cancelled. Or it was moved ' +
    'meanwhile, and no longer fits the other flights, or the age of a passenger.',
  booking_not_payable: 'The booking is not waiting for a payment.',
  payment_in_progress: 'A payment of this booking is being made: wait for its outcome.',
  booking_not_cancellable: 'The flight has departed.',
  quote_changed: 'Another amount would be refunded than was expected; nothing was cancelled.',
  quote_not_found: 'There is no such quote of this booking, or no longer.',
  too_many_webhook_endpoints: 'You have ten webhook endpoints: delete one first.',
  change_not_found: 'The booking has no such change.',
  quote_expired: 'The quote of the change has expired: ask for a new one. Nothing was taken.',
  booking_not_changeable:
    'The booking is not booked, its fare cannot be changed, or its first flight has departed.',
  passenger_not_found: 'The booking has no such passenger.',
  name_change_refused:
    'It is too late to correct the name, or it is another name than the one that was booked.',
  change_in_progress: 'A change of this booking is being made: wait for its outcome.',
  schedule_change_closed: 'The schedule change can no longer be accepted, or made.',
  flight_departed: 'The flight has departed.',
  operation_not_possible:
    'What an operator asked for does not fit how things stand; `detail` says why.',
  erased: 'The outcome of this key held personal data, which were erased.',
  payload_too_large: 'The body is larger than 100 kB.',
  unsupported_media_type: 'The body must be JSON in UTF-8, compressed or not.',
  idempotency_key_reused: 'The key came with another request before.',
  amount_mismatch: 'The amount or currency is not the price; `expected` is. Nothing was charged.',
  rate_limited: 'Too many requests, or too many declined cards; `Retry-After` says when it ends.',
  too_many_holds: 'The customer holds too many seats unpaid, or has released too many unpaid.',
  too_many_declines: 'Ten payments of this booking were declined: it takes no more.',
  headers_too_large: 'The headers are larger than the server accepts.',
  internal: 'Something went wrong on our side.',
  service_unavailable:
    'A system that we depend on is unavailable; the response says what is not known.',
};
