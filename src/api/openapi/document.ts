import { createDocument, type ZodOpenApiObject } from 'zod-openapi';
import { VERSION } from '../version';
import { AMENDMENT_PATHS } from './amendment-paths';
import { BOOKING_PATHS } from './booking-paths';
import { CHANGE_PATHS } from './change-paths';
import { flightPaths } from './flight-paths';
import { GUIDE, TOKENS } from './guide';
import { HEADERS } from './headers';
import { linkOperations } from './links';
import { OPERATION_PATHS } from './operation-paths';
import { PAYMENT_PATHS } from './payment-paths';
import { SCHEDULE_CHANGE_PATHS } from './schedule-change-paths';
import { SYSTEM_PATHS } from './system-paths';
import { WEBHOOK_EVENT_SCHEMA, WEBHOOK_EVENTS } from './webhook-events';
import { WEBHOOK_PATHS } from './webhook-paths';

/** Sales are open on that day, and a local stack's schedule reaches further. */
const SEARCHED_DAYS_AHEAD = 7;

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Returns the API's own description (OpenAPI 3.1), made from the schemas that parse its requests.
 *
 * `now` decides only the example date of the search, which has flights on that day.
 */
export function openApiDocument(now: Date = new Date()) {
  const searched = new Date(now.getTime() + SEARCHED_DAYS_AHEAD * DAY_MS);
  const document: ZodOpenApiObject = {
    openapi: '3.1.0',
    info: {
      title: 'Flight Bookings',
      version: VERSION,
      description: GUIDE,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'Where this document came from.' }],
    tags: [
      { name: 'Flights', description: 'What is on sale.' },
      { name: 'Bookings', description: 'One purchase of 1 to 9 seats on one flight.' },
      {
        name: 'Payments',
        description: 'For services that take money for us; what they send is signed.',
      },
      { name: 'Webhooks', description: 'Events of your bookings, sent to addresses of yours.' },
      { name: 'Operations', description: 'For those who look after bookings and flights.' },
      { name: 'System', description: 'For those who run it.' },
    ],
    components: {
      headers: HEADERS,
      schemas: { WebhookEvent: WEBHOOK_EVENT_SCHEMA },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: TOKENS },
      },
    },
    paths: {
      ...flightPaths(searched.toISOString().slice(0, 10)),
      ...BOOKING_PATHS,
      ...AMENDMENT_PATHS,
      ...CHANGE_PATHS,
      ...SCHEDULE_CHANGE_PATHS,
      ...PAYMENT_PATHS,
      ...WEBHOOK_PATHS,
      ...OPERATION_PATHS,
      ...SYSTEM_PATHS,
    },
    webhooks: WEBHOOK_EVENTS,
  };
  const created = createDocument(document, {
    // A schema's description of its parameter belongs to the parameter alone.
    override: ({ jsonSchema }) => {
      delete (jsonSchema as { param?: unknown }).param;
    },
  });
  return linkOperations(created);
}
