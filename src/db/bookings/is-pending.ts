/**
 * Whether a booking that is found by its ID is pending, for statements that every sale runs.
 *
 * Written so that no index of pending bookings can serve it. Where the statistics are older than
 * the bookings that are pending now, PostgreSQL takes such an index for almost empty, and would
 * read all of it rather than look the ID up.
 */
export function isPending(bookings: string): string {
  return `${bookings}.status || '' = 'pending'`;
}
