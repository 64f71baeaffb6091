export { bookingWorkflow } from './booking';
export { cancellationWorkflow } from './cancellation';
export { paymentEventsWorkflow } from './payment-events';
export { providerEventWorkflow } from './provider-event';
export { reconciliationWorkflow } from './reconciliation';
export { refundWorkflow } from './refund';
