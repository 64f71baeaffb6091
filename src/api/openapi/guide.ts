import { SCENARIO_CARRIER, SCENARIO_ROUTE } from '../../domain/flight-schedule/scenario-flights';
import { CARD_TABLE, FLIGHT_TABLE } from './scenario-tables';

/** What a client has to know before the first request; the head of the reference. */
export const GUIDE = `Search flights, hold seats, pay. No seat is sold twice, and no retry charges twice.

**The way of a booking.** \`GET /api/v1/flights\` finds direct flights, \`GET /api/v1/slices\` those
with connections, too. \`POST /api/v1/bookings\` holds seats until \`paymentRequiredBy\`.
\`POST /api/v1/bookings/payments\` pays the booking's own price, and the booking is \`booked\`.
\`POST /api/v1/bookings/{id}/cancel\` gives back what the fare leaves.

**Keys and retries.** Send an \`x-idempotency-key\` with every create and payment: make it up once for
each thing that you want, and send it again with each retry. The same key and body get the same
answer, with \`Idempotent-Replayed: true\`; another body under it is refused. After a timeout, a 202 or
a 5xx send the same request with the same key: it goes on with what has begun.

**Problems.** Every refusal is a problem document (RFC 9457). Its \`retry\` says what may be sent
again: \`same_key\`: the same request as it was, after \`Retry-After\` seconds where there is one;
\`new_key\`: another try, with a new key; \`no\`: the same request can't succeed. Its \`bookingId\` is
there wherever work may have begun or a booking may exist. When too many requests are under way, a
further one gets 503 at once, and nothing of it has begun. What is no HTTP is answered 400
\`malformed_request\`, 408 \`request_timeout\` or 431 \`headers_too_large\`; a path that exists answers
other methods with 405 \`method_not_allowed\` and \`Allow\`.

**Webhooks.** \`POST /api/v1/webhook-endpoints\` has events of your bookings sent to an address of
yours, signed by the Standard Webhooks scheme: no need to ask for them again and again.

**Amounts** are whole numbers of the currency's minor unit (cents), **instants** UTC in ISO 8601.
Fields that we don't know are refused in requests; new ones may come in answers.

**Statuses of a booking.** \`initiated\` (accepted, no seats yet) → \`pending\` (seats held) →
\`booked\` (paid for); \`cancelled\` from any of them, with a \`cancellationReason\`.

**Try every answer on purpose**, where the sandbox is the payment provider. Send one of its cards as
\`paymentMethod\`; any other is declined with \`unknown_payment_method\`:

${CARD_TABLE}

Except in production, these flights of ${SCENARIO_CARRIER.name} are on sale each day, from
\`${SCENARIO_ROUTE.origin.iata}\` to \`${SCENARIO_ROUTE.destination.iata}\`:

${FLIGHT_TABLE}

How to try them, step by step, is in \`docs/scenarios.md\`.`;

/** Where a bearer token comes from. */
export const TOKENS = `A JWT in \`Authorization: Bearer …\`, issued by the identity provider that this
installation trusts, with \`sub\`, \`iss\`, \`aud\`, \`exp\`, and a \`scope\` of \`bookings\` (customers) or
\`operator\`. For the local stack \`npm run --silent token -- --sub ada\` prints one, and
\`npm run --silent token -- --sub op-1 --scope operator\` an operator's. Paste it here without
\`Bearer\`; this page keeps it in your browser until you log out.`;
