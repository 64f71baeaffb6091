/**
 * The workflow that has mails sent to contacts of bookings, one at a time. It takes no messages:
 * what is to be sent is in the database.
 */
export const MAIL_DELIVERY_WORKFLOW = 'mailDeliveryWorkflow';
export const MAIL_DELIVERY_WORKFLOW_ID = 'mail-delivery';

export type MailDeliveryWorkflow = () => Promise<void>;
