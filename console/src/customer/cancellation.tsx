import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { answerOf, type Schemas } from '../shared/api';
import { useTask } from '../shared/asking';
import { Dialog } from '../shared/dialog';
import { Field, Form } from '../shared/fields';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { Card } from '../shared/view';
import { money } from '../shared/words';

/** Cancels a booking, after it was shown what comes back: that amount, or nothing is done. */
export function Cancellation({
  booking: { id, reference, availableActions },
  onCancelled,
}: {
  booking: Schemas['Booking'];
  onCancelled: () => void;
}): JSX.Element | null {
  const api = useApi();
  const task = useTask();
  const [quote, setQuote] = useState<Schemas['CancellationQuote'] | null>(null);
  const [reason, setReason] = useState('');
  if (!availableActions.includes('cancel') && quote === null) return null;

  const ask = () =>
    task.run(async () => {
      const path = { params: { path: { id } } };
      setQuote(await answerOf(api.GET('/api/v1/bookings/{id}/cancellation-quote', path)));
    });
  const cancel = (expectedRefund: Schemas['Money']) =>
    task.run(async () => {
      await answerOf(
        api.POST('/api/v1/bookings/{id}/cancel', {
          params: { path: { id } },
          body: { expectedRefund, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) },
        }),
      );
      setQuote(null);
      onCancelled();
    });
  return (
    <Card title="Cancel">
      {quote === null && <TroubleNote trouble={task.trouble} again={ask} />}
      <button type="button" disabled={task.isBusy} onClick={ask}>
        What would come back?
      </button>
      {quote !== null && (
        <Dialog title={`Cancel booking ${reference}?`} onClose={() => setQuote(null)}>
          <p>
            <b>{money(quote.refund)}</b> comes back, {money(quote.fee)} is kept as a fee. The seats
            are given back at once.
          </p>
          <Form onSend={() => cancel(quote.refund)} label="Cancel the booking">
            <Field
              label="Reason"
              value={reason}
              maxLength={200}
              hint="Optional."
              onValue={setReason}
            />
            <TroubleNote trouble={task.trouble} />
            <div class="buttons">
              <button type="submit" class="danger" disabled={task.isBusy}>
                Cancel the booking
              </button>
              <button type="button" onClick={() => setQuote(null)}>
                Keep it
              </button>
            </div>
          </Form>
        </Dialog>
      )}
    </Card>
  );
}
