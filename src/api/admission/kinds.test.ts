import { kindOf } from './kinds';

test.each([
  ['POST', '/api/v1/bookings', 'create'],
  ['POST', '/API/V1/Bookings/', 'create'],
  ['POST', '/api/v1/bookings/payments', 'pay'],
  ['POST', '/api/v1/bookings/Payments/', 'pay'],
  ['POST', '/api/v1/bookings/3f2c/cancel', 'write'],
  ['PATCH', '/api/v1/bookings/3f2c/passengers/1', 'write'],
  ['GET', '/api/v1/bookings', 'read'],
  ['HEAD', '/api/v1/bookings/3f2c/events', 'read'],
  ['GET', '/api/v1/flights', 'search'],
  ['GET', '/api/v1/flights/3f2c/seats', 'search'],
  ['GET', '/api/v1/slices', 'search'],
  ['GET', '/api/v1/airports', 'search'],
  ['POST', '/api/v1/flights/3f2c/schedule-changes', 'write'],
  ['GET', '/api/v1/schedule-changes/3f2c', 'read'],
  ['GET', '/api/v1/operations/flights', 'read'],
  ['POST', '/api/v1/bookings/3f2c/operations/retry-payment', 'write'],
  ['POST', '/api/v1/payment-events', 'event'],
  ['POST', '/api/v1/webhooks/stripe', 'event'],
  ['POST', '/codec/decode', 'other'],
  ['GET', '/docs/swagger-ui.css', 'other'],
  ['GET', '/console/assets/index.js', 'other'],
  ['GET', '/nowhere', 'other'],
])('%s %s counts as %s', (method, path, kind) => {
  expect(kindOf(method, path)).toBe(kind);
});

test.each([
  ['GET', '/livez'],
  ['GET', '/readyz'],
  ['GET', '/metrics'],
  ['GET', '/api/v1/info'],
  ['GET', '/api/v1/flights/3f2c/seats/stream'],
  ['OPTIONS', '/api/v1/bookings'],
])('%s %s is never refused', (method, path) => {
  expect(kindOf(method, path)).toBeUndefined();
});
