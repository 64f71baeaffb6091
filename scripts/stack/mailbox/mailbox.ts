import type { Server } from 'node:http';
import path from 'node:path';
import { freePort, portTrouble } from '../ports';
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
  /** Whether the page's port was asked for, and no other will do. */
  isPageFixed: boolean;
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
    smtp: await freePort(),
    page: asked ?? (isFree ? DEFAULT_PAGE_PORT : await freePort()),
    isPageFixed: asked !== undefined,
  };
}

/**
 * Opens the mailbox: a mail server, and a page with the mails that it took. Returns how to close
 * it. The ports say afterwards where the page is: another stack may have taken its port meanwhile.
 */
export async function openMailbox(
  ports: MailboxPorts,
  dataDir: string,
): Promise<() => Promise<void>> {
  const folder = new MailFolder(path.join(dataDir, 'mailbox'));
  const pages = await servePages(ports, folder);
  const receiver = await receiveMails(ports.smtp, (raw) => {
    folder.keep(raw);
  });
  return async () => {
    pages.close();
    pages.closeAllConnections();
    await new Promise<void>((resolve) => receiver.close(resolve));
  };
}

async function servePages(ports: MailboxPorts, folder: MailFolder): Promise<Server> {
  try {
    return await serveMailbox(ports.page, folder);
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    if (!isTaken || ports.isPageFixed) throw error;
    ports.page = await freePort();
    return serveMailbox(ports.page, folder);
  }
}
