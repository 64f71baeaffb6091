/**
 * The bookings `b` whose itinerary has the flight `:flightId`, for a FROM clause. Seats that a change
 * of a booking holds beside are not of its itinerary yet.
 */
export const AFFECTED_BOOKINGS = `
  (
    SELECT DISTINCT booking_id FROM seats
    WHERE flight_id = CAST(:flightId AS uuid) AND booking_id IS NOT NULL
  ) owner
  JOIN bookings b ON b.id = owner.booking_id AND (
    b.flight_id = CAST(:flightId AS uuid) OR EXISTS (
      SELECT FROM booking_segments g
      WHERE g.booking_id = b.id AND g.flight_id = CAST(:flightId AS uuid)))`;
