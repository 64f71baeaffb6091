import { testJourney } from './journey';
import { openLocalShop } from './local-shop';

/** The way of a booking as `npm run dev` starts the system. The cluster is tested by the same. */
testJourney(openLocalShop);
