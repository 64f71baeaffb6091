import type { JSX } from 'preact';
import { answerOf } from '../shared/api';
import { useAsked } from '../shared/asking';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { Badge, Card } from '../shared/view';
import { money, words } from '../shared/words';
import { ActionButton } from './action-button';

/** The money of a booking, and what an operator may do about it. */
export function Payments({
  bookingId,
  onDone,
}: {
  bookingId: string;
  onDone: () => void;
}): JSX.Element | null {
  const api = useApi();
  const asked = useAsked(bookingId, () =>
    answerOf(api.GET('/api/v1/bookings/{id}/payments', { params: { path: { id: bookingId } } })),
  );
  const done = () => {
    asked.again();
    onDone();
  };
  const payments = asked.value?.data ?? [];
  if (payments.length === 0 && asked.trouble === null) return null;
  return (
    <Card title="Payments">
      <TroubleNote trouble={asked.trouble} again={asked.again} />
      <ul class="plain">
        {payments.map((payment) => (
          <li key={payment.id}>
            <b>{money(payment)}</b> {words(payment.status)} by {payment.provider}
            {payment.declineCode === null ? '' : `: ${words(payment.declineCode)}`}{' '}
            {payment.applied && <Badge tone="good">pays for the booking</Badge>}{' '}
            {payment.dispute !== null && <Badge tone="bad">dispute {payment.dispute.status}</Badge>}
            {payment.status === 'processing' && (
              <ActionButton
                action="retry-payment"
                what="this payment"
                bookingId={bookingId}
                onDone={done}
              />
            )}
            {payment.refunds.map((refund) => (
              <p key={refund.id}>
                Refund of {money(refund)}: {words(refund.status)}{' '}
                {refund.status === 'needs_operator' &&
                  (['retry-refund', 'settle-refund'] as const).map((action) => (
                    <ActionButton
                      key={action}
                      action={action}
                      what={`the refund of ${money(refund)}`}
                      bookingId={bookingId}
                      paymentId={payment.id}
                      refundId={refund.id}
                      onDone={done}
                    />
                  ))}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </Card>
  );
}
