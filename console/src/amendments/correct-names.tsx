import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Schemas } from '../shared/api';
import { useIntent, useTask } from '../shared/asking';
import { Dialog } from '../shared/dialog';
import { Field, Form } from '../shared/fields';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { Card } from '../shared/view';
import { nameOf } from '../shared/words';

type Passenger = Schemas['Passenger'];

/** Corrects names that were misspelt: one passenger at a time. */
export function CorrectNames({
  booking: { id, status, passengers },
  onCorrected,
}: {
  booking: Schemas['Booking'];
  onCorrected: () => void;
}): JSX.Element | null {
  const [corrected, setCorrected] = useState<Passenger | null>(null);
  const [said, setSaid] = useState('');
  if (status !== 'pending' && status !== 'booked') return null;
  return (
    <Card title="Correct a name">
      <p>As it is in the passport. Another person can’t take the seat.</p>
      <ul class="plain buttons">
        {passengers.map((passenger) => (
          <li key={passenger.id}>
            <button type="button" onClick={() => setCorrected(passenger)}>
              Correct {nameOf(passenger)}
            </button>
          </li>
        ))}
      </ul>
      <p role="status">{said}</p>
      {corrected !== null && (
        <NameDialog
          bookingId={id}
          passenger={corrected}
          onClose={() => setCorrected(null)}
          onDone={(name) => {
            setCorrected(null);
            setSaid(`Corrected: ${name}.`);
            onCorrected();
          }}
        />
      )}
    </Card>
  );
}

function NameDialog({
  bookingId,
  passenger,
  onClose,
  onDone,
}: {
  bookingId: string;
  passenger: Passenger;
  onClose: () => void;
  onDone: (name: string) => void;
}): JSX.Element {
  const api = useApi();
  const task = useTask();
  const wish = useIntent();
  const [givenName, setGivenName] = useState(passenger.givenName ?? '');
  const [familyName, setFamilyName] = useState(passenger.familyName);

  const correct = () => {
    const body = correctionOf(passenger, givenName.trim(), familyName.trim());
    if (body === null) {
      onClose();
      return;
    }
    task.run(async () => {
      const params = { path: { id: bookingId, passengerId: passenger.id ?? '' } };
      await wish.send(body, (intent) =>
        api.PATCH('/api/v1/bookings/{id}/passengers/{passengerId}', { intent, params, body }),
      );
      onDone(nameOf({ ...passenger, ...body }));
    });
  };
  return (
    <Dialog title={`Correct the name of ${nameOf(passenger)}`} onClose={onClose}>
      <p>Three letters may differ from the name as it was booked first.</p>
      <Form onSend={correct} label="Correct the name">
        <div class="row">
          <Field
            label="Given name"
            value={givenName}
            maxLength={100}
            onValue={setGivenName}
            hint="Empty for people with one name."
          />
          <Field
            label="Family name"
            value={familyName}
            maxLength={100}
            required
            pattern=".*\S.*"
            onValue={setFamilyName}
          />
        </div>
        <TroubleNote trouble={task.trouble} again={correct} />
        <div class="buttons">
          <button type="submit" class="primary" disabled={task.isBusy}>
            {task.isBusy ? 'Correcting …' : 'Correct the name'}
          </button>
          <button type="button" onClick={onClose}>
            Keep it
          </button>
        </div>
      </Form>
    </Dialog>
  );
}

/**
 * Returns what was changed: the other name stays, whoever corrects it meanwhile. Null when nothing
 * was.
 */
function correctionOf(
  before: Passenger,
  givenName: string,
  familyName: string,
): Schemas['CorrectName'] | null {
  const given = givenName === '' ? null : givenName;
  const correction = {
    ...(given === before.givenName ? {} : { givenName: given }),
    ...(familyName === before.familyName ? {} : { familyName }),
  };
  return Object.keys(correction).length === 0 ? null : correction;
}
