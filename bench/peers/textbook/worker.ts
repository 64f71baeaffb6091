import { setting } from '../serve';
import { openShop } from '../shop/shop';
import { runWorker } from '../temporal-worker';

/** The textbook's worker: its activities are the shop's steps. */
const { reserve, charge, confirm, release, close } = openShop(setting('DATABASE_URL'));

runWorker({
  workflowsPath: require.resolve('./workflows'),
  activities: { reserve, charge, confirm, release },
  close,
});
