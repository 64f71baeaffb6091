import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { AirportList, AirportSearchQuery } from '../airports/schemas';
import {
  Calendar,
  CalendarQuery,
  Flight,
  FlightPage,
  FlightSearchQuery,
  SeatMap,
} from '../flights/schemas';
import { SlicePage, SliceSearchQuery } from '../flights/slice-schemas';
import { PlaceCode } from '../schemas';
import { FLIGHT, FLIGHT_ID, SEATS, SLICE } from './examples';
import { LIMITED, refer } from './headers';
import { json, NOT_MODIFIED, open, SEARCHED } from './operation';
import { FlightById } from './parameters';

/** What is on sale; open to anyone. `date` (ISO 8601) is the example date of the search. */
export function flightPaths(date: string): ZodOpenApiPathsObject {
  const dateOfSearch = FlightSearchQuery.shape.date;
  const example = (origin: string, destination: string) => ({
    origin: PlaceCode.meta({ param: { example: origin } }),
    destination: PlaceCode.meta({ param: { example: destination } }),
    date: dateOfSearch.meta({ ...dateOfSearch.meta(), param: { example: date } }),
  });
  const search = FlightSearchQuery.extend(example('EWR', 'SFO'));
  const sliceSearch = SliceSearchQuery.extend(example('BOS', 'SFO'));
  const calendar = CalendarQuery.extend({
    origin: PlaceCode.meta({ param: { example: 'EWR' } }),
    destination: PlaceCode.meta({ param: { example: 'SFO' } }),
    month: CalendarQuery.shape.month.meta({
      ...CalendarQuery.shape.month.meta(),
      param: { example: date.slice(0, 7) },
    }),
  });
  return {
    '/api/v1/airports': {
      get: open(
        {
          tag: 'Flights',
          operationId: 'searchAirports',
          summary: 'Find airports',
          description:
            'Finds airports by code, city or name: for the box in which a traveller types. ' +
            'Search flights by the `iata` found, or by its `metropolitanArea`.',
          instance: '/api/v1/airports',
          good: {
            200: json('The airports found, the best match first.', AirportList, AIRPORTS, SEARCHED),
            ...NOT_MODIFIED,
          },
          codes: ['validation_failed', 'service_unavailable'],
        },
        { requestParams: { query: AirportSearchQuery } },
      ),
    },
    '/api/v1/flights': {
      get: open(
        {
          tag: 'Flights',
          operationId: 'searchFlights',
          summary: 'Search flights',
          description:
            'Finds flights of one day, local at the origin, with enough free seats in one cabin. ' +
            'Prices are for one adult. The next page is the same search with its `nextCursor`.',
          instance: '/api/v1/flights',
          good: {
            200: json('A page of flights.', FlightPage, FLIGHTS, SEARCHED),
            ...NOT_MODIFIED,
          },
          codes: ['validation_failed', 'service_unavailable'],
        },
        { requestParams: { query: search } },
      ),
    },
    '/api/v1/flights/calendar': {
      get: open(
        {
          tag: 'Flights',
          operationId: 'getCalendar',
          summary: 'The lowest price of each day',
          description:
            'Lists the days of a month with the lowest price of one adult on a direct flight that ' +
            'has seats for all in one cabin.',
          instance: '/api/v1/flights/calendar',
          good: {
            200: json('Every day of the month, in order.', Calendar, CALENDAR, SEARCHED),
            ...NOT_MODIFIED,
          },
          codes: ['validation_failed', 'service_unavailable'],
        },
        { requestParams: { query: calendar } },
      ),
    },
    '/api/v1/slices': {
      get: open(
        {
          tag: 'Flights',
          operationId: 'searchSlices',
          summary: 'Search direct and connecting flights',
          description:
            'Finds every way in one direction on one day, local at the origin: direct flights and ' +
            'connections of at least 45 minutes and at most 6 hours in one airport. No airport ' +
            'comes twice, and a way takes at most 24 hours. For a round trip search twice.',
          instance: '/api/v1/slices',
          good: {
            200: json('A page of slices.', SlicePage, SLICES, SEARCHED),
            ...NOT_MODIFIED,
          },
          codes: ['validation_failed', 'service_unavailable'],
        },
        { requestParams: { query: sliceSearch } },
      ),
    },
    '/api/v1/flights/{id}': {
      get: open(
        {
          tag: 'Flights',
          operationId: 'getFlight',
          summary: 'One flight',
          description: 'Reads one flight with the seats and prices of now.',
          instance: `/api/v1/flights/${FLIGHT_ID}`,
          good: { 200: json('The flight.', Flight, FLIGHT, SEARCHED), ...NOT_MODIFIED },
          codes: ['flight_not_found', 'service_unavailable'],
        },
        { requestParams: { path: FlightById } },
      ),
    },
    '/api/v1/flights/{id}/seats': {
      get: open(
        {
          tag: 'Flights',
          operationId: 'getSeats',
          summary: 'Seat map',
          description:
            'Lists every seat of a flight. One that is available now may be taken when it is ' +
            'asked for: then the booking is refused, and nothing is held.',
          instance: `/api/v1/flights/${FLIGHT_ID}/seats`,
          good: { 200: json('The seats, by row.', SeatMap, SEATS, SEARCHED), ...NOT_MODIFIED },
          codes: ['flight_not_found', 'service_unavailable'],
        },
        { requestParams: { path: FlightById } },
      ),
    },
    '/api/v1/flights/{id}/seats/stream': {
      get: open(
        {
          tag: 'Flights',
          operationId: 'streamSeats',
          summary: 'Seat map that changes',
          description:
            'Server-sent events (`EventSource` in browsers) named `seats`. The `data` of the first ' +
            'is the whole `SeatMap`, of each later one a `SeatMap` with only those seats that ' +
            'changed, about a second before. Merge them by `seatNumber`. The stream ends after 15 ' +
            'minutes, and when a server is replaced: browsers ask again by themselves, and get the ' +
            'whole map again. One client may have 20 streams open.',
          instance: `/api/v1/flights/${FLIGHT_ID}/seats/stream`,
          good: {
            200: {
              description: 'The events, for as long as the client stays.',
              headers: refer(['X-Request-Id', ...LIMITED]),
              content: {
                'text/event-stream': {
                  schema: z.string(),
                  example: `retry: 2000\n\nevent: seats\ndata: ${JSON.stringify(SEATS)}\n\n`,
                },
              },
            },
          },
          codes: ['flight_not_found', 'service_unavailable'],
        },
        { requestParams: { path: FlightById } },
      ),
    },
  };
}

const FLIGHTS = { data: [FLIGHT], nextCursor: null };

const CALENDAR = {
  month: '2026-12',
  days: [
    { date: '2026-12-01', lowestPrice: { amount: 52_437, currency: 'USD' } },
    { date: '2026-12-02', lowestPrice: null },
  ],
};

const SLICES = { data: [SLICE], nextCursor: null };

const AIRPORTS = {
  data: [
    {
      iata: 'EWR',
      name: 'Newark Liberty Intl',
      city: 'Newark',
      metropolitanArea: 'NYC',
      timeZone: 'America/New_York',
    },
  ],
};
