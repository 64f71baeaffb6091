/**
 * The two directions of the schedule. `outbound` flights leave New York: the schedule extract has
 * them. `inbound` flights arrive there, and are derived from them.
 */
export const DIRECTIONS = ['outbound', 'inbound'] as const;

export type Direction = (typeof DIRECTIONS)[number];
