import { answerOf, type FlightBookings } from '../shared/api';

export type Action = 'cancel' | 'retry-payment' | 'retry-refund' | 'settle-refund';

interface Wording {
  button: string;
  /** What will happen, asked before it does. */
  question: string;
}

export const WORDINGS: Record<Action, Wording> = {
  cancel: {
    button: 'Cancel the booking',
    question: 'The seats are given back and the whole price is refunded.',
  },
  'retry-payment': {
    button: 'Ask the provider again',
    question: 'The provider is asked again at once what became of the payment.',
  },
  'retry-refund': {
    button: 'Retry the refund',
    question: 'The provider is asked once more to give the money back.',
  },
  'settle-refund': {
    button: 'Money was returned',
    question: 'Only if the money was returned outside of this system: the books will say so.',
  },
};

/** What an operator has decided; `note` says why, for the record. */
export interface Decision {
  action: Action;
  bookingId: string;
  paymentId?: string | undefined;
  refundId?: string | undefined;
  note: string;
}

/**
 * Does what an operator has decided. Safe to repeat: each is checked against what is so by then.
 *
 * @throws Refused when it can't be done, or not any more.
 */
export async function carryOut(
  api: FlightBookings,
  { action, bookingId, paymentId = '', refundId, note }: Decision,
): Promise<void> {
  const params = { path: { id: bookingId } };
  switch (action) {
    case 'cancel':
      await answerOf(api.POST('/api/v1/bookings/{id}/cancel', { params, body: { note } }));
      return;
    case 'retry-payment':
      await answerOf(
        api.POST('/api/v1/bookings/{id}/operations/retry-payment', { params, body: { note } }),
      );
      return;
    case 'retry-refund':
      await answerOf(
        api.POST('/api/v1/bookings/{id}/operations/retry-refund', {
          params,
          body: { paymentId, ...(refundId === undefined ? {} : { refundId }), note },
        }),
      );
      return;
    case 'settle-refund':
      await answerOf(
        api.POST('/api/v1/bookings/{id}/operations/settle-refund', {
          params,
          body: { paymentId, ...(refundId === undefined ? {} : { refundId }), note },
        }),
      );
      return;
  }
}
