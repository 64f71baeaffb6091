/**
 * Joins a flight `f` with its airports, as `origin` and `destination` in the shape that customers
 * see.
 */
export const AIRPORT_JOINS = `
  JOIN airports o ON o.iata = f.origin
  JOIN airports d ON d.iata = f.destination`;

/** To be selected after `f.*`: replaces the codes of the airports. */
export const AIRPORT_COLUMNS = `
  json_build_object('iata', o.iata, 'name', o.name, 'timeZone', o.time_zone) AS origin,
  json_build_object('iata', d.iata, 'name', d.name, 'timeZone', d.time_zone) AS destination`;
