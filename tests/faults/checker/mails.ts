import type { MailLine } from '../history/format';
import type { Operation } from '../history/read';
import type { Check } from './finding';
import { groupBy } from './group-by';
import { whatHappened } from './happened';
import type { BookingStory } from './story';
import { isApart, stretchesOf, type Stretch } from './troubles';

/**
 * The contact of a booking gets one mail for each thing that a mail is due for, and a second copy of
 * one only where a fault came in between: a mail server that took a mail can't be asked whether it
 * did (docs/mails.md).
 *
 * Contacts are told apart by their addresses. Mails about held seats may be fewer: ten a day and
 * address.
 */
export const checkMails: Check = ({ run, mails, operations }, { bookings: known, troubles }) => {
  if (!run.hasMails) return [];
  const stretches = stretchesOf(troubles, ['core', 'mail']);
  const gotBy = groupBy(mails, ({ to }) => to.toLowerCase());
  const byAddress = groupBy(
    [...known.values()].filter(({ creation }) => addressOf(creation[0]) !== undefined),
    ({ creation }) => addressOf(creation[0]),
  );
  // Whose booking was never acknowledged gets mails all the same.
  const contacts = new Set(operations.map(addressOf));
  const strangers = mails.filter(({ to }) => !contacts.has(to.toLowerCase()));
  return [
    ...strangers.map(({ to }) => ({
      what: `${to} got a mail, and is the contact of no booking`,
      operations: [],
    })),
    ...[...byAddress].flatMap(([address, bookings]) => {
      const got = gotBy.get(address ?? '') ?? [];
      return [...compareNumbers(address ?? '', bookings, got), ...findCopies(stretches, got)];
    }),
  ];
};

function addressOf(operation: Operation | undefined): string | undefined {
  if (operation?.kind !== 'book') return undefined;
  const { contact } = (operation.request.body ?? {}) as { contact?: { email?: string } };
  return contact?.email?.toLowerCase();
}

/** What a mail is due for (docs/mails.md). */
const ALWAYS_DUE = ['booked', 'cancelled', 'changed', 'schedule_changed'];

function compareNumbers(address: string, bookings: BookingStory[], got: MailLine[]) {
  const happened = bookings.flatMap(whatHappened);
  const least = happened.filter((type) => ALWAYS_DUE.includes(type)).length;
  const held = happened.filter((type) => type === 'seats_held').length;
  const different = new Set(got.map(({ messageId }) => messageId)).size;
  if (different >= least + Math.min(held, 10) && different <= least + held) return [];
  return [
    {
      what: `${address} got ${different} mails, and ${least + held} were due`,
      operations: bookings.flatMap(({ creation }) => creation.map(({ id }) => id)),
    },
  ];
}

/** How long a mail that was sent and not recorded waits at most until it is sent again. */
const CLAIM_MS = 60_000;

function findCopies(stretches: Stretch[], got: MailLine[]) {
  return [...groupBy(got, ({ messageId }) => messageId)].flatMap(([id, copies]) => {
    const first = copies.at(0)?.at ?? 0;
    const last = copies.at(-1)?.at ?? 0;
    return copies.length === 1 || !isApart({ from: first - CLAIM_MS, to: last }, stretches)
      ? []
      : [{ what: `Mail ${id} came ${copies.length} times, and no fault was near`, operations: [] }];
  });
}
