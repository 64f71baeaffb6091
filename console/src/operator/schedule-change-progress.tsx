import type { JSX } from 'preact';
import { answerOf, type Schemas } from '../shared/api';
import { useAsked } from '../shared/asking';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { words } from '../shared/words';

const REFRESH_MS = 1_000;

/** How far a schedule change is: who has been told, and who still has to answer. */
export function ScheduleChangeProgress({
  change,
}: {
  change: Schemas['ScheduleChange'];
}): JSX.Element {
  const api = useApi();
  const asked = useAsked(
    change.id,
    () =>
      answerOf(api.GET('/api/v1/schedule-changes/{id}', { params: { path: { id: change.id } } })),
    REFRESH_MS,
  );
  const { kind, status, affected, settled, waiting, failed } = asked.value ?? change;
  return (
    <>
      <TroubleNote trouble={asked.trouble} />
      <p class="note good" role="status">
        The flight is {kind}: {words(status)}.
      </p>
      <dl class="facts">
        <dt>Bookings</dt>
        <dd>{affected}</dd>
        <dt>Settled</dt>
        <dd>{settled}</dd>
        <dt>Waiting for their customers</dt>
        <dd>{waiting}</dd>
        <dt>Failed</dt>
        <dd>{failed}</dd>
      </dl>
    </>
  );
}
