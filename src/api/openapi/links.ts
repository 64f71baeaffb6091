import type { createDocument } from 'zod-openapi';

/** What of a response another operation takes: expressions as OpenAPI defines them. */
interface Link {
  operationId: string;
  description: string;
  parameters?: Record<string, string>;
  requestBody?: Record<string, unknown>;
}

const BOOKING = { id: '$response.body#/id' };

const about = (operationId: string, description: string): Link => ({
  operationId,
  description,
  parameters: BOOKING,
});

const TO_BOOKING = {
  read: about('getBooking', 'Reads it again.'),
  history: about('getBookingEvents', 'What happened to it.'),
  payments: about('getBookingPayments', 'What was paid for it.'),
  cancellationQuote: about('quoteCancellation', 'What a cancellation would refund.'),
  cancel: about('cancelBooking', 'Cancels it.'),
  timeline: about('getTimeline', 'All that operators see of it.'),
  acceptScheduleChange: about('acceptScheduleChange', 'Keeps the times that the airline set.'),
  pay: {
    operationId: 'payBooking',
    description: 'Pays its price.',
    requestBody: {
      bookingId: '$response.body#/id',
      amount: '$response.body#/price/amount',
      currency: '$response.body#/price/currency',
      paymentMethod: 'pm_card_visa',
    },
  },
  correctName: {
    operationId: 'correctName',
    description: 'Corrects the name of its first passenger.',
    parameters: { ...BOOKING, passengerId: '$response.body#/passengers/0/id' },
  },
  chooseSeats: {
    operationId: 'chooseSeats',
    description: 'Moves its first passenger to another seat.',
    parameters: BOOKING,
    requestBody: {
      seats: [
        {
          passengerId: '$response.body#/passengers/0/id',
          flightId: '$response.body#/flight/id',
          seatNumber: '10A',
        },
      ],
    },
  },
  changeQuote: {
    operationId: 'quoteChange',
    description: 'What another flight would cost; here its own.',
    parameters: BOOKING,
    requestBody: { slices: [{ replaces: 0, flightIds: ['$response.body#/flight/id'] }] },
  },
} satisfies Record<string, Link>;

const FLIGHT = { id: '$response.body#/data/0/id' };

const TO_FOUND_FLIGHT = {
  flight: { operationId: 'getFlight', description: 'The first one.', parameters: FLIGHT },
  seats: { operationId: 'getSeats', description: 'Its seats.', parameters: FLIGHT },
  hold: {
    operationId: 'createBooking',
    description: 'Holds a seat on it.',
    requestBody: {
      flightId: '$response.body#/data/0/id',
      passengers: [{ familyName: 'Lovelace' }],
    },
  },
} satisfies Record<string, Link>;

const TO_LOADED_FLIGHT = {
  passengers: {
    operationId: 'getPassengers',
    description: 'Who flies with the first one.',
    parameters: FLIGHT,
  },
  changeSchedule: {
    operationId: 'changeSchedule',
    description: 'Cancels it.',
    parameters: FLIGHT,
    requestBody: { kind: 'cancelled', reason: 'The aircraft needs a repair.' },
  },
} satisfies Record<string, Link>;

const FIRST_BOOKING = Object.fromEntries(
  Object.entries(TO_BOOKING).map(([name, link]) => [
    name,
    JSON.parse(
      JSON.stringify(link).replaceAll('$response.body#/', '$response.body#/data/0/'),
    ) as Link,
  ]),
);

const ENDPOINT = { id: '$response.body#/id' };

const onEndpoint = (operationId: string, description: string): Link => ({
  operationId,
  description,
  parameters: ENDPOINT,
});

const TO_ENDPOINT = {
  read: onEndpoint('getWebhookEndpoint', 'Whether it works.'),
  change: onEndpoint('changeWebhookEndpoint', 'Changes what it gets.'),
  ping: onEndpoint('pingWebhookEndpoint', 'Tries it out.'),
  rotateSecret: onEndpoint('rotateWebhookSecret', 'Replaces its secret.'),
  deliveries: onEndpoint('listWebhookDeliveries', 'What was sent to it.'),
  remove: onEndpoint('deleteWebhookEndpoint', 'Deletes it.'),
} satisfies Record<string, Link>;

/** Links by operation, then by the status of its response. */
const LINKS: Record<string, Record<string, Record<string, Link>>> = {
  searchFlights: { 200: TO_FOUND_FLIGHT },
  createBooking: { 201: TO_BOOKING },
  listBookings: { 200: FIRST_BOOKING },
  searchBookings: { 200: FIRST_BOOKING },
  quoteChange: {
    201: {
      change: {
        operationId: 'changeBooking',
        description: 'Changes the booking so.',
        parameters: { id: '$response.body#/bookingId' },
        requestBody: { quoteId: '$response.body#/id', paymentMethod: 'pm_card_visa' },
      },
    },
  },
  changeBooking: {
    201: {
      read: {
        operationId: 'getChange',
        description: 'Reads it again.',
        parameters: { id: '$response.body#/bookingId', changeId: '$response.body#/id' },
      },
    },
  },
  createWebhookEndpoint: { 201: TO_ENDPOINT },
  pingWebhookEndpoint: {
    202: {
      redeliver: {
        operationId: 'redeliverWebhook',
        description: 'Sends it again.',
        parameters: { id: '$request.path.id', deliveryId: '$response.body#/id' },
      },
    },
  },
  listFlightLoads: { 200: TO_LOADED_FLIGHT },
  changeSchedule: {
    202: {
      progress: {
        operationId: 'getScheduleChange',
        description: 'How far it is.',
        parameters: { id: '$response.body#/id' },
      },
    },
  },
};

type Document = ReturnType<typeof createDocument>;

interface Operation {
  operationId?: string;
  responses?: Record<string, { links?: Record<string, Link> }>;
}

/**
 * Adds to each response what can be asked next with what is in it: for those who read, and for
 * tools that walk through the API.
 */
export function linkOperations(document: Document): Document {
  const operations = Object.values(document.paths ?? {}).flatMap(
    (methods) => Object.values(methods) as Operation[],
  );
  for (const [operationId, byStatus] of Object.entries(LINKS)) {
    const operation = operations.find((one) => one.operationId === operationId);
    for (const [status, links] of Object.entries(byStatus)) {
      const response = operation?.responses?.[status];
      if (response === undefined) throw new Error(`Bug: ${operationId} has no ${status} to link`);
      response.links = links;
    }
  }
  return document;
}
