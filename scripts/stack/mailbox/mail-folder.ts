import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import { writeWhole } from '../files';

/** How many mails are kept: the latest. */
const KEPT = 200;

/** A mail, as it lies in the mailbox. */
export interface KeptMail {
  id: string;
  receivedAt: Date;
  email: Email;
}

const FILE = /^(\d{13}-[\da-f-]{36})\.eml$/;

/** The mails of the mailbox, a file each, which any mail program opens. They outlive a restart. */
export class MailFolder {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Keeps a mail as it came, and drops the oldest of too many. */
  keep(raw: Buffer): void {
    writeWhole(this.#file(`${Date.now()}-${randomUUID()}`), raw, 0o600);
    for (const id of this.#ids().slice(KEPT)) rmSync(this.#file(id), { force: true });
  }

  /** All mails, the latest first. */
  async list(): Promise<KeptMail[]> {
    const mails = await Promise.all(this.#ids().map((id) => this.read(id)));
    return mails.filter((mail) => mail !== undefined);
  }

  /** A mail; undefined if there is none with this ID. */
  async read(id: string): Promise<KeptMail | undefined> {
    const raw = this.source(id);
    if (raw === undefined) return undefined;
    return { id, receivedAt: statSync(this.#file(id)).mtime, email: await PostalMime.parse(raw) };
  }

  /** A mail as it came; undefined if there is none with this ID. */
  source(id: string): Buffer | undefined {
    return this.#ids().includes(id) ? readFileSync(this.#file(id)) : undefined;
  }

  empty(): void {
    for (const id of this.#ids()) rmSync(this.#file(id), { force: true });
  }

  /** Of the files that are there alone, so that an ID leads nowhere else. */
  #ids(): string[] {
    return readdirSync(this.folder)
      .flatMap((name) => FILE.exec(name)?.[1] ?? [])
      .sort()
      .reverse();
  }

  #file(id: string): string {
    return path.join(this.folder, `${id}.eml`);
  }
}
