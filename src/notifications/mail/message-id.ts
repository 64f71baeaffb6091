import type { Sender } from '../../mail-settings';
import type {} from './mail';

/**
 * Returns the `Message-ID` of the mail about an event. It is the same each time, so that a mail
 * that was sent twice shows as one.
 */
export function messageIdOf(eventId: string, { address }: Sender): string {
  return `<${eventId}@${address.slice(address.lastIndexOf('@') + 1)}>`;
}
