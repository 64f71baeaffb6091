import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { answerOf, type FlightBookings, type Schemas } from '../shared/api';
import { useIntent, useTask } from '../shared/asking';
import { Form } from '../shared/fields';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { money } from '../shared/words';
import { CardChoice, FIRST_CARD } from './cards';
import { Countdown } from './countdown';
import { NextAction } from './next-action';

/** How often a change that is being made is looked at. */
const LOOK_MS = 1_000;

/** What a change costs, agreed until it expires; agreeing makes the change. */
export function ChangeOffer({
  quote,
  onDone,
}: {
  quote: Schemas['ChangeQuote'];
  onDone: () => void;
}): JSX.Element {
  const api = useApi();
  const task = useTask();
  const wish = useIntent();
  const [paymentMethod, setPaymentMethod] = useState<string>(FIRST_CARD);
  const [change, setChange] = useState<Schemas['Change'] | null>(null);
  const mustPay = quote.toPay.amount > 0;
  const heading = useRef<HTMLHeadingElement>(null);
  // It appears below a long list.
  useEffect(() => heading.current?.focus(), []);

  const agree = () => {
    const body = { quoteId: quote.id, ...(mustPay ? { paymentMethod } : {}) };
    task.run(async () => {
      const params = { path: { id: quote.bookingId } };
      let made = await wish.send(body, (intent) =>
        api.POST('/api/v1/bookings/{id}/changes', { intent, params, body }),
      );
      setChange(made);
      while (made.status === 'pending') {
        made = await lookAgain(api, made);
        setChange(made);
      }
      if (made.status === 'completed') onDone();
    });
  };
  return (
    <Form onSend={agree} label="Change" class="form offer">
      <h3 ref={heading} tabIndex={-1}>
        What the change costs
      </h3>
      <Countdown until={quote.expiresAt} label="This price is good for" />
      <dl class="facts">
        <dt>New price</dt>
        <dd>{money(quote.newTotal)}</dd>
        <dt>Difference</dt>
        <dd>{money(quote.difference)}</dd>
        <dt>Fee</dt>
        <dd>{money(quote.fee)}</dd>
        <dt>{mustPay ? 'To pay' : 'Comes back'}</dt>
        <dd>
          <b>{money(mustPay ? quote.toPay : quote.toRefund)}</b>
        </dd>
      </dl>
      {mustPay && <CardChoice onCard={setPaymentMethod} />}
      {change?.payment?.nextAction !== undefined && change.status === 'pending' && (
        <NextAction action={change.payment.nextAction} />
      )}
      {change?.status === 'failed' && (
        <p class="note trouble" role="alert">
          The payment was not made: nothing was taken, and the booking is as before.
        </p>
      )}
      <TroubleNote trouble={task.trouble} again={agree} />
      <button type="submit" class="primary" disabled={task.isBusy}>
        {task.isBusy ? 'Changing …' : mustPay ? `Pay ${money(quote.toPay)} and change` : 'Change'}
      </button>
    </Form>
  );
}

async function lookAgain(
  api: FlightBookings,
  change: Schemas['Change'],
): Promise<Schemas['Change']> {
  await new Promise((resolve) => window.setTimeout(resolve, LOOK_MS));
  return await answerOf(
    api.GET('/api/v1/bookings/{id}/changes/{changeId}', {
      params: { path: { id: change.bookingId, changeId: change.id } },
    }),
  );
}
