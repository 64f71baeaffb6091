import { runWorker } from '../temporal-worker';
import { floorActivities } from './activities';

runWorker({ workflowsPath: require.resolve('./workflows'), activities: floorActivities });
