/** From the cheapest to the most expensive, which is also the order in which they are listed. */
export const CABINS = ['economy', 'premium_economy', 'business', 'first'] as const;

export type Cabin = (typeof CABINS)[number];
