import type { Cabin } from '../../domain/cabin';
import type { Fare, FareConditions } from '../../domain/fare';

/**
 * A flight that goes on sale, with all its seats. Flights of one aircraft type share the same
 * `seats` array.
 */
export interface NewFlight {
  id: string;
  carrierCode: string;
  flightNumber: string;
  origin: string;
  destination: string;
  /** The local date at the origin, `YYYY-MM-DD`. */
  departureDate: string;
  departureAt: Date;
  arrivalAt: Date;
  aircraftModel: string;
  distanceMiles: number;
  cabins: readonly { cabin: Cabin; seatCount: number; fare: Fare; conditions: FareConditions }[];
  seats: readonly { seatNumber: string; rowNumber: number; cabin: Cabin }[];
}
