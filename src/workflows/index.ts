export { bookingWorkflow } from './booking';
export { cancellationWorkflow } from './cancellation';
export { providerEventWorkflow } from './provider-event';
export { reconciliationWorkflow } from './reconciliation';
export { refundWorkflow } from './refund';
