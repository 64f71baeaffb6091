export { bookingWorkflow } from './booking/workflow';
export { cancellationWorkflow } from './cancellation/workflow';
export { flightScheduleWorkflow } from './flight-schedule/workflow';
export { mailDeliveryWorkflow } from './mail-delivery/workflow';
export { paymentEventsWorkflow } from './payment-events/workflow';
export { providerEventWorkflow } from './provider-event/workflow';
export { reconciliationWorkflow } from './reconciliation/workflow';
export { refundWorkflow } from './refund/workflow';
