import type { JSX } from 'preact';
import { answerOf } from '../shared/api';
import { useAsked } from '../shared/asking';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { Badge, View, Waiting } from '../shared/view';
import { momentHere, words } from '../shared/words';
import { ActionButton } from './action-button';
import { TemporalLink } from './temporal-link';

const REFRESH_MS = 10_000;

/** What doesn't go on without someone: why, since when, and what may be done about it. */
export function NeedsAPerson(): JSX.Element {
  const api = useApi();
  const asked = useAsked(
    'needs-a-person',
    () => answerOf(api.GET('/api/v1/operations/needs-a-person')),
    REFRESH_MS,
  );
  const items = asked.value?.data ?? [];
  return (
    <View title="Needs a person">
      {asked.isWaiting && <Waiting what="Looking" />}
      <TroubleNote trouble={asked.trouble} again={asked.again} />
      {asked.value !== undefined && (
        <p role="status">
          {items.length === 0 ? 'Nothing needs a person.' : `${items.length} of them.`}{' '}
          <small>As of {momentHere(asked.value.checkedAt)}.</small>
        </p>
      )}
      <ul class="plain cards">
        {items.map(({ kind, what, bookingId, paymentId, refundId, workflowId, since, ...item }) => (
          <li class="card" key={`${kind} ${workflowId} ${paymentId ?? ''}`}>
            <h2>
              {bookingId === null ? what : <a href={`#/operator/bookings/${bookingId}`}>{what}</a>}{' '}
              <Badge tone="bad">{words(kind)}</Badge>
            </h2>
            <p>{item.reason}</p>
            <p>
              <small>
                Since <time dateTime={since}>{momentHere(since)}</time>. {item.todo}
              </small>
            </p>
            <p class="buttons">
              {bookingId !== null &&
                item.actions.map((action) => (
                  <ActionButton
                    key={action}
                    action={action}
                    what={what}
                    bookingId={bookingId}
                    paymentId={paymentId ?? undefined}
                    refundId={refundId ?? undefined}
                    onDone={asked.again}
                  />
                ))}
              <TemporalLink workflowId={workflowId} url={item.workflowUrl} />
            </p>
          </li>
        ))}
      </ul>
    </View>
  );
}
