import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Schemas } from '../shared/api';
import { useIntent, useTask } from '../shared/asking';
import { Dialog } from '../shared/dialog';
import { Field, Form, Radios } from '../shared/fields';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { isoDate, minutesBetween } from '../shared/words';
import { Affected } from './affected';
import { ScheduleChangeProgress } from './schedule-change-progress';

/** Cancels or moves a flight: first shows whom it would reach, and asks why. */
export function ScheduleChangeForm({
  flight,
  onClose,
}: {
  flight: Schemas['FlightLoad'];
  onClose: () => void;
}): JSX.Element {
  const api = useApi();
  const task = useTask();
  const wish = useIntent();
  const [kind, setKind] = useState<'cancelled' | 'moved'>('cancelled');
  const [departure, setDeparture] = useState(() => localInput(flight.departureAt));
  const [reason, setReason] = useState('');
  const [change, setChange] = useState<Schemas['ScheduleChange'] | null>(null);

  const laterMinutes = minutesBetween(flight.departureAt, new Date(departure).toISOString());
  const order = () => {
    const later = (instant: string) =>
      new Date(Date.parse(instant) + laterMinutes * 60_000).toISOString();
    const body =
      kind === 'cancelled'
        ? { kind, reason: reason.trim() }
        : {
            kind,
            reason: reason.trim(),
            departureAt: later(flight.departureAt),
            arrivalAt: later(flight.arrivalAt),
          };
    task.run(async () => {
      const params = { path: { id: flight.id } };
      const ordered = await wish.send(body, (intent) =>
        api.POST('/api/v1/flights/{id}/schedule-changes', { intent, params, body }),
      );
      setChange(ordered);
    });
  };
  return (
    <Dialog title={`Change ${flight.flightNumber}`} onClose={onClose}>
      {change === null ? (
        <Form onSend={order} label="Schedule change">
          <Radios
            legend="What happens"
            value={kind}
            choices={[
              ['cancelled', 'It is cancelled'],
              ['moved', 'It is moved'],
            ]}
            onValue={setKind}
          />
          {kind === 'moved' && (
            <Field
              label="New departure, in your own time"
              type="datetime-local"
              value={departure}
              required
              hint={`${laterMinutes < 0 ? 'Earlier' : 'Later'} by ${Math.abs(laterMinutes)} min; it arrives so much ${laterMinutes < 0 ? 'earlier' : 'later'}, too.`}
              onValue={(value) => value !== '' && setDeparture(value)}
            />
          )}
          <Field
            label="Why"
            value={reason}
            required
            maxLength={200}
            pattern=".*\S.*"
            hint="Customers read this."
            onValue={setReason}
          />
          <Affected flightId={flight.id} held={flight.seats.held} />
          <TroubleNote trouble={task.trouble} again={order} />
          <div class="buttons">
            <button type="submit" class="danger" disabled={task.isBusy}>
              {kind === 'cancelled' ? 'Cancel the flight' : 'Move the flight'}
            </button>
            <button type="button" onClick={onClose}>
              Do nothing
            </button>
          </div>
        </Form>
      ) : (
        <>
          <ScheduleChangeProgress change={change} />
          <button type="button" onClick={onClose}>
            Close
          </button>
        </>
      )}
    </Dialog>
  );
}

/** An instant as a box for day and time takes it. */
function localInput(instant: string): string {
  const date = new Date(instant);
  return `${isoDate(date)}T${date.toTimeString().slice(0, 5)}`;
}
