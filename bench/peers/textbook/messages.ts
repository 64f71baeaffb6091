import { defineQuery, defineSignal } from '@temporalio/workflow';

export type TextbookStatus = 'initiated' | 'pending' | 'booked' | 'cancelled';

export const statusQuery = defineQuery<TextbookStatus>('status');
export const paySignal = defineSignal('pay');

export const TEXTBOOK_WORKFLOW = 'textbookWorkflow';

export const textbookWorkflowId = (bookingId: string) => `textbook-${bookingId}`;
