/**
 * Priority of work that no customer waits for. Where tasks queue, Temporal hands out those of
 * bookings first, which have the default of 3; a server that knows no priorities ignores it.
 */
export const IN_THE_BACKGROUND = { priorityKey: 4 } as const;
