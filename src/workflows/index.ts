export { bookingWorkflow } from './booking';
export { reconciliationWorkflow } from './reconciliation';
