import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useTask } from '../shared/asking';
import { Dialog } from '../shared/dialog';
import { Field, Form } from '../shared/fields';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { carryOut, WORDINGS, type Action } from './actions';

/** A button for something that only operators may do: it asks why, and whether it is meant. */
export function ActionButton({
  action,
  what,
  bookingId,
  paymentId,
  refundId,
  onDone,
}: {
  action: Action;
  /** What it is done to, as the question names it. */
  what: string;
  bookingId: string;
  paymentId?: string | undefined;
  /** Which refund of the payment. */
  refundId?: string | undefined;
  onDone: () => void;
}): JSX.Element {
  const api = useApi();
  const task = useTask();
  const [isAsking, setAsking] = useState(false);
  const [note, setNote] = useState('');
  const { button, question } = WORDINGS[action];
  const close = () => {
    setAsking(false);
    task.clear();
  };
  const carry = () =>
    task.run(async () => {
      await carryOut(api, { action, bookingId, paymentId, refundId, note: note.trim() });
      setAsking(false);
      setNote('');
      onDone();
    });
  return (
    <>
      <button type="button" onClick={() => setAsking(true)}>
        {button}
      </button>
      {isAsking && (
        <Dialog title={`${button}: ${what}`} onClose={close}>
          <p>{question}</p>
          <Form onSend={carry} label={button}>
            <Field
              label="Why"
              value={note}
              required
              maxLength={200}
              pattern=".*\S.*"
              hint="For staff alone; kept with your name."
              onValue={setNote}
            />
            <TroubleNote trouble={task.trouble} />
            <div class="buttons">
              <button type="submit" class="danger" disabled={task.isBusy}>
                {button}
              </button>
              <button type="button" onClick={close}>
                Do nothing
              </button>
            </div>
          </Form>
        </Dialog>
      )}
    </>
  );
}
