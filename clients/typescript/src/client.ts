import createFetchClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './schema';

/** The shapes of the API by their names: `Schemas['Booking']`. */
export type Schemas = components['schemas'];

/** The API's operations by method and path, typed by what each may answer. */
export type FlightBookings = Client<paths>;

export interface ClientOptions {
  /** Where the API is, such as `https://flights.example`. */
  baseUrl: string;
  /** A bearer token; searching needs none. */
  token?: string;
}

/**
 * Returns a client of the API.
 *
 * Nothing is thrown for a refusal: `data` or `error` is set, and `error.retry` says whether another
 * try can help. With an idempotency key every request may be sent again as it was.
 *
 * @throws TypeError from a request, when the API can't be reached.
 */
export function createClient({ baseUrl, token }: ClientOptions): FlightBookings {
  return createFetchClient<paths>({
    baseUrl,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
}
