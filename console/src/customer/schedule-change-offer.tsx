import type { JSX } from 'preact';
import { answerOf, type Schemas } from '../shared/api';
import { useTask } from '../shared/asking';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { Card } from '../shared/view';
import { momentHere } from '../shared/words';
import { Slices } from '../shared/booking-summary';

/** What the airline did to the booking, and the customer's answer to it. */
export function ScheduleChangeOffer({
  booking: { id, scheduleChange: offer },
  onAnswer,
}: {
  booking: Schemas['Booking'];
  onAnswer: () => void;
}): JSX.Element | null {
  const api = useApi();
  const task = useTask();
  if (offer === null || offer === undefined) return null;
  const { kind, before, after, respondBy, availableActions, actionTaken } = offer;
  const accept = () =>
    task.run(async () => {
      await answerOf(
        api.POST('/api/v1/bookings/{id}/schedule-change/accept', {
          params: { path: { id } },
          body: { scheduleChangeId: offer.id },
        }),
      );
      onAnswer();
    });
  return (
    <Card title={kind === 'cancelled' ? 'A flight was cancelled' : 'A flight was moved'}>
      <div class="beside">
        <div>
          <h3>Before</h3>
          <Slices slices={before} />
        </div>
        <div>
          <h3>Now</h3>
          <Slices slices={after} />
        </div>
      </div>
      {actionTaken !== null && <p class="note good">You have {actionTaken} it.</p>}
      {availableActions.length > 0 && (
        <p>
          Please answer until <b>{momentHere(respondBy)}</b>:{' '}
          {availableActions.map((action) => ANSWERS[action]).join(', or ')}.
        </p>
      )}
      <TroubleNote trouble={task.trouble} again={accept} />
      {availableActions.includes('accept') && (
        <button type="button" class="primary" disabled={task.isBusy} onClick={accept}>
          Accept the new times
        </button>
      )}
    </Card>
  );
}

const ANSWERS = {
  accept: 'accept the new times',
  change: 'change to other flights below, free of charge where the rules say so',
  cancel: 'cancel below',
} as const;
