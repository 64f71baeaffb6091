import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { FlightBookings } from './api';

/** Who uses the page, by their token. It is kept in memory alone: a reload forgets it. */
export interface Person {
  token: string;
  name: string;
  isCustomer: boolean;
  isOperator: boolean;
}

/** The person, if signed in, and the API as they see it. */
export interface Session {
  person: Person | null;
  api: FlightBookings;
  signIn: (person: Person) => void;
  signOut: () => void;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('Bug: there is no session around this view');
  return session;
}

/** The API of a person who may do what the view is for. */
export const useApi = (): FlightBookings => useSession().api;

/**
 * Reads whom a token is for; null when it is no token. The API checks it with each request: this
 * decides only what the page shows.
 */
export function readToken(text: string): Person | null {
  const token = text.trim().replace(/^Bearer +/i, '');
  const claims = claimsOf(token);
  if (claims === null || typeof claims.sub !== 'string') return null;
  const scopes = Array.isArray(claims.scope)
    ? claims.scope
    : typeof claims.scope === 'string'
      ? claims.scope.split(' ')
      : [];
  return {
    token,
    name: claims.sub,
    isCustomer: scopes.includes('bookings'),
    isOperator: scopes.includes('operator'),
  };
}

function claimsOf(token: string): { sub?: unknown; scope?: unknown } | null {
  const part = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token)?.[1];
  if (part === undefined) return null;
  try {
    const bytes = Uint8Array.from(
      atob(part.replaceAll('-', '+').replaceAll('_', '/')),
      (character) => character.charCodeAt(0),
    );
    return JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown; scope?: unknown };
  } catch {
    return null;
  }
}
