import type { MailKind } from '../../domain/mail';
import { calendarFile } from './calendar';
import type { Sender } from '../../mail-settings';
import type { Mail } from './mail';
import { renderHtml, renderText } from './templates';
import { mailView } from './view';

/** A mail in words, ready to be sent. */
export interface ComposedMail {
  subject: string;
  text: string;
  html: string;
  /** The flights as a calendar file; null where a calendar has nothing to learn. */
  calendar: string | null;
}

/** Puts a mail into words. Whatever names contain, it is text and nothing else. */
export function compose(mail: Mail, sender: Sender): ComposedMail {
  const view = mailView(mail, sender);
  return {
    subject: view.subject,
    text: renderText(mail.kind, view),
    html: renderHtml(mail.kind, view),
    calendar: hasCalendar(mail) ? calendarFile(mail, sender) : null,
  };
}

/** A calendar has flights once they are paid for, and must learn when they are cancelled. */
function hasCalendar({ kind, booking }: Mail): boolean {
  return IS_IN_CALENDARS[kind] && booking.payment?.status === 'captured';
}

const IS_IN_CALENDARS: Record<MailKind, boolean> = {
  held: false,
  booked: true,
  cancelled: true,
  changed: true,
  schedule_changed: true,
};
