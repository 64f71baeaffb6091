import type { History, Operation } from '../history/read';
import {
  alter,
  answersTo,
  change,
  endsOf,
  remove,
  type Body,
  type BrokenPromise,
  type EventList,
} from './breaking';
import { response } from './ideal-shop';

/** Webhooks and mails that are missing, or too many. */
export const BROKEN_MESSAGES: BrokenPromise[] = [
  {
    check: 'events',
    what: 'an event never arrives',
    breakIt: ({ deliveries }) =>
      [...deliveries.values()].some((lines) => {
        const index = eventsOf(lines, 'booking.booked');
        return index !== -1 && lines.splice(index, 1).length > 0;
      }),
  },
  {
    check: 'events',
    what: 'a sale is in no list of events, and no shop hears of it',
    breakIt: (history) => {
      const line = endsOf(history, 'pay', 201).find(({ bookingId }) =>
        history.final.events.some(
          (own) =>
            own.bookingId === bookingId &&
            (JSON.parse(own.response.body) as EventList).data.at(-1)?.type === 'booked',
        ),
      );
      return line !== undefined && forget(history, line.bookingId, 'booked', 'booking.booked');
    },
  },
  {
    check: 'events',
    what: 'a shop never hears of the first event of a booking whose creation had no outcome',
    breakIt: (history) => {
      const idOf = ({ response: answer }: Operation) =>
        (JSON.parse(answer?.body ?? '{}') as { id?: string }).id;
      const bookingId = answersTo(history, 'book', 201).map(idOf)[0];
      if (bookingId === undefined) return false;
      for (const one of answersTo(history, 'book', 201))
        if (idOf(one) === bookingId)
          one.response = response(503, { code: 'unavailable', bookingId }, { 'retry-after': '1' });
      return forget(history, bookingId, 'seats_held', 'booking.pending');
    },
  },
  {
    check: 'events',
    what: 'an event tells what never happened',
    breakIt: ({ final }) =>
      alter(final.events, ({ data }) =>
        remove((data ?? []) as { type: string }[], ({ type }) => type === 'schedule_changed'),
      ),
  },
  {
    check: 'events',
    what: 'an event is not signed',
    breakIt: ({ deliveries }) => {
      const line = [...deliveries.values()].flat()[0];
      return line !== undefined && change(line, { body: `${line.body} ` });
    },
  },
  {
    check: 'events',
    what: 'an event goes to another shop',
    breakIt: ({ deliveries }) => {
      const [one, other] = [...deliveries.values()];
      const line = one?.[0];
      if (line !== undefined) other?.push(line);
      return line !== undefined;
    },
  },
  {
    check: 'mails',
    what: 'a mail never arrives',
    breakIt: ({ mails }) => remove(mails, ({ subject }) => subject === 'cancelled'),
  },
  {
    check: 'mails',
    what: 'a mail comes twice, long after the last fault',
    breakIt: (history) => {
      const [first] = history.mails;
      if (first === undefined) return false;
      history.faults = [];
      history.mails.push({ ...first });
      return true;
    },
  },
  {
    check: 'mails',
    what: 'a stranger gets a mail',
    breakIt: ({ mails }) => change(mails[0], { to: 'stranger@example.com' }),
  },
];

/** Takes what happened to a booking out of its list of events, and of what its shop got. */
function forget(
  { final, deliveries }: History,
  bookingId: string,
  listed: string,
  delivered: string,
): boolean {
  const list = final.events.filter((own) => own.bookingId === bookingId);
  const isListed = alter(list, ({ data }) =>
    remove(data as EventList['data'], ({ type }) => type === listed),
  );
  return (
    isListed &&
    [...deliveries.values()].some((lines) =>
      remove(lines, ({ body }) => {
        const { type, data } = JSON.parse(body) as {
          type: string;
          data: { booking: { id: string } };
        };
        return type === delivered && data.booking.id === bookingId;
      }),
    )
  );
}

const eventsOf = (lines: { body: string }[], type: string) =>
  lines.findIndex(({ body }) => (JSON.parse(body) as Body).type === type);
