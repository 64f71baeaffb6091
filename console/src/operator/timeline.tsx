import type { JSX } from 'preact';
import { answerOf } from '../shared/api';
import { useAsked } from '../shared/asking';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { Badge, Card } from '../shared/view';
import { momentHere, words } from '../shared/words';

const REFRESH_MS = 5_000;

/** Everything that happened to a booking, whoever wrote it down: one list, the oldest first. */
export function Timeline({ bookingId }: { bookingId: string }): JSX.Element {
  const api = useApi();
  const asked = useAsked(
    bookingId,
    () =>
      answerOf(api.GET('/api/v1/bookings/{id}/timeline', { params: { path: { id: bookingId } } })),
    REFRESH_MS,
  );
  return (
    <Card title="Timeline">
      <TroubleNote trouble={asked.trouble} again={asked.again} />
      {asked.value?.isComplete === false && <p class="note">The oldest entries are left out.</p>}
      <ol class="timeline">
        {asked.value?.entries.map(({ at, kind, title, detail, by }, index) => (
          <li key={index}>
            <time dateTime={at}>{momentHere(at)}</time>
            <Badge>{words(kind)}</Badge>
            <span>
              {title}
              {detail !== null && <small>{detail}</small>}
              {by !== null && <small>by {by}</small>}
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
