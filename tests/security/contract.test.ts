import { CAPTURED, HELD } from '../../src/api/openapi/examples';
import { problemDocument } from '../../src/api/problem';
import { expectDocumented, type Answer } from '../api/contract';

/** What holds every answer of our tests against openapi.json sees what does not fit. */

const BOOKINGS = '/api/v1/bookings';

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  return {
    status,
    headers: new Headers({ 'x-request-id': '1', 'content-type': type, ...headers }),
    text: JSON.stringify(body),
    body,
  };
}

const notFound = problemDocument('booking_not_found', 'There is none.', {
  instance: `${BOOKINGS}/1`,
  requestId: '1',
});

const GOOD: [string, string, string, Answer][] = [
  ['a created booking', 'POST', BOOKINGS, answer(201, HELD)],
  ['a refusal', 'GET', `${BOOKINGS}/1`, answer(404, notFound)],
  ['an unknown path', 'GET', '/nowhere', answer(404, { ...notFound, instance: '/nowhere' })],
];

test.each(GOOD)('%s fits', (_, method, path, good) => {
  expect(() => expectDocumented(method, path, good)).not.toThrow();
});

const { workflowId: _, ...incomplete } = HELD;

const BAD: [string, string, string, Answer][] = [
  ['a status that the operation does not have', 'POST', BOOKINGS, answer(200, HELD)],
  ['a field too many', 'POST', BOOKINGS, answer(201, { ...HELD, customerId: 'ada' })],
  [
    'a field too many, deep within',
    'POST',
    BOOKINGS,
    answer(201, { ...HELD, payment: { ...CAPTURED, cardNumber: '4242' } }),
  ],
  ['a field too few', 'POST', BOOKINGS, answer(201, incomplete)],
  ['a status that bookings don’t have', 'POST', BOOKINGS, answer(201, { ...HELD, status: 'paid' })],
  ['another media type', 'POST', BOOKINGS, answer(201, HELD, { 'content-type': 'text/html' })],
  ['no request ID', 'POST', BOOKINGS, answer(201, HELD, { 'x-request-id': '' })],
  [
    'a code that the operation does not have',
    'GET',
    BOOKINGS,
    answer(404, { ...notFound, instance: BOOKINGS }),
  ],
  ['another status than its code’s', 'GET', `${BOOKINGS}/1`, answer(409, notFound)],
  [
    'a refusal with a field too many',
    'GET',
    `${BOOKINGS}/1`,
    answer(404, { ...notFound, stack: 'Error: at main.ts' }),
  ],
  ['a success of a route that is not described', 'GET', '/api/v1/secret', answer(200, {})],
];

test.each(BAD)('an answer with %s is seen', (_name, method, path, bad) => {
  expect(() => expectDocumented(method, path, bad)).toThrow();
});
