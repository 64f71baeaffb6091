import type { FloorRequest } from './messages';

export type FloorActivities = typeof floorActivities;

/** Steps that do nothing. */
export const floorActivities = {
  reserve: (_request: FloorRequest) => Promise.resolve(),
  charge: () => Promise.resolve(),
  confirm: () => Promise.resolve(),
};
