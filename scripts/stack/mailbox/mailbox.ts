import path from 'node:path';
import { freeLowPort, portTrouble } from '../ports';
import type { Settings } from '../settings';
import { MailFolder } from './mail-folder';
import { receiveMails } from './receive';
import { serveMailbox } from './serve';

/** Where the mailbox's page is by default. */
const DEFAULT_PAGE_PORT = 8025;

/** Where the mailbox takes mails, and where its page is. */
export interface MailboxPorts {
  smtp: number;
  page: number;
}

/**
 * Gives the mailbox its ports. Nothing but a page is on the default one: where another program has
 * it, as a second stack on this machine does, any other will do. One that was asked for is kept.
 * Returns undefined where mails go elsewhere.
 */
export async function planMailbox({
  ownMailbox,
  mailboxPort: asked,
}: Settings): Promise<MailboxPorts | undefined> {
  if (!ownMailbox) return undefined;
  const isFree = (await portTrouble(DEFAULT_PAGE_PORT)) === undefined;
  return {
    smtp: await freeLowPort(),
    page: asked ?? (isFree ? DEFAULT_PAGE_PORT : await freeLowPort()),
  };
}

/**
 * Opens the mailbox: a mail server, and a page with the mails that it took. Returns how to close
 * it.
 */
export async function openMailbox(
  { smtp, page }: MailboxPorts,
  dataDir: string,
): Promise<() => Promise<void>> {
  const folder = new MailFolder(path.join(dataDir, 'mailbox'));
  const receiver = await receiveMails(smtp, (raw) => {
    folder.keep(raw);
  });
  const pages = await serveMailbox(page, folder);
  return async () => {
    pages.close();
    pages.closeAllConnections();
    await new Promise<void>((resolve) => receiver.close(resolve));
  };
}
