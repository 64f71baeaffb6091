import { testJourney } from '../e2e/journey';
import { CLUSTER, openLocalShop } from '../e2e/local-shop';

/**
 * The way of a booking as `npm run dev:cluster` starts the system: on Temporal's full server,
 * through the proxy, by either API and either worker.
 */
testJourney(() => openLocalShop(CLUSTER));
