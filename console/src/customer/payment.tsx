import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Schemas } from '../shared/api';
import { useIntent, useTask } from '../shared/asking';
import { Form } from '../shared/fields';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { Card } from '../shared/view';
import { money } from '../shared/words';
import { CardChoice, FIRST_CARD } from './cards';
import { Countdown } from './countdown';
import { NextAction } from './next-action';

/** Pays for a booking whose seats are held, while its time runs. */
export function Payment({
  booking,
  onPaid,
}: {
  booking: Schemas['Booking'];
  onPaid: () => void;
}): JSX.Element | null {
  const api = useApi();
  const task = useTask();
  const wish = useIntent();
  const [paymentMethod, setPaymentMethod] = useState<string>(FIRST_CARD);
  const [payment, setPayment] = useState<Schemas['Payment'] | null>(null);

  if (booking.status === 'initiated') return <p role="status">Seats are being held …</p>;
  if (booking.status === 'booked' && payment !== null)
    return (
      <p class="note good" role="status">
        Paid. Your seats are yours.
      </p>
    );
  if (booking.status !== 'pending') return null;

  const { id, price, paymentRequiredBy } = booking;
  const declined = booking.payment?.status === 'declined' ? booking.payment.id : null;
  const pay = () => {
    const body = { bookingId: id, amount: price.amount, currency: price.currency, paymentMethod };
    task.run(async () => {
      try {
        // After a declined card the same card is another try.
        const made = await wish.send({ body, declined }, (intent) =>
          api.POST('/api/v1/bookings/payments', { intent, body }),
        );
        setPayment(made);
      } finally {
        onPaid();
      }
    });
  };
  const isUnderWay = booking.payment?.status === 'processing';
  return (
    <Card title="Pay">
      {paymentRequiredBy !== null && (
        <Countdown until={paymentRequiredBy} label="Seats are held for" />
      )}
      {payment?.nextAction !== undefined && isUnderWay && (
        <NextAction action={payment.nextAction} />
      )}
      {isUnderWay && !task.isBusy && <p role="status">The payment is being made …</p>}
      <Form onSend={pay} label="Pay">
        <CardChoice onCard={setPaymentMethod} />
        <TroubleNote trouble={task.trouble} again={pay} />
        {declined !== null && declined === payment?.id && task.trouble === null && (
          <p class="note trouble" role="alert">
            The payment was declined. Nothing was taken: pay with another card.
          </p>
        )}
        <button type="submit" class="primary" disabled={task.isBusy || isUnderWay}>
          {task.isBusy ? 'Paying …' : `Pay ${money(price)}`}
        </button>
      </Form>
    </Card>
  );
}
