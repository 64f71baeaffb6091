import { answerOf, type Schemas } from './api';
import { useAsked } from './asking';
import { useApi } from './session';

/** All airports by their codes; empty until they are known. */
export function useAirports(): ReadonlyMap<string, Schemas['AirportDetails']> {
  const api = useApi();
  const asked = useAsked('airports', () => answerOf(api.GET('/api/v1/airports')));
  return new Map(asked.value?.data.map((airport) => [airport.iata, airport]));
}
