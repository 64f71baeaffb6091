import type { History } from '../history/read';
import { checkAcknowledged } from './acknowledged';
import { checkAvailability } from './availability';
import { checkDeadlines } from './deadlines';
import { checkEvents } from './events';
import type { Check, Finding } from './finding';
import { checkMails } from './mails';
import { checkMoney } from './money';
import { checkReplays } from './replays';
import { checkSeatsInTheEnd } from './seats-in-the-end';
import { checkStatusOrder } from './status-order';
import { tell, type Story } from './story';

/** Each check by its name, but for that of the seats' ownership over time, which needs Go. */
export const CHECKS = {
  acknowledged: checkAcknowledged,
  'status-order': checkStatusOrder,
  'seats-in-the-end': checkSeatsInTheEnd,
  replays: checkReplays,
  money: checkMoney,
  deadlines: checkDeadlines,
  events: checkEvents,
  mails: checkMails,
  availability: checkAvailability,
} satisfies Record<string, Check>;

/** Every check, also the one that `check.ts` adds. */
export type CheckName = keyof typeof CHECKS | 'seat-ownership';

/** Judges a history by these checks, and returns what they find, in their order. */
export function judge(
  history: History,
  checks: Record<string, Check> = CHECKS,
  story: Story = tell(history),
): Finding[] {
  return Object.entries(checks).flatMap(([check, run]) =>
    run(history, story).map((finding) => ({ check, ...finding })),
  );
}
