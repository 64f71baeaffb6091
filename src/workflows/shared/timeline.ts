import { setCurrentDetails } from '@temporalio/workflow';
import { formatToTheSecond } from '../../domain/instant-text';

/** Enough for any booking. If there are more, the latest are kept. */
const MAX_LINES = 50;

/**
 * What has happened so far, a line each, as an operator reads it on the workflow's page. It is
 * encrypted by the codec, and still names no customer.
 */
export class Timeline {
  private lines: string[] = [];
  private headline: string | undefined;
  /** Entries that may repeat any number of times: each has one line, below the others. */
  private readonly counts = new Map<string, { times: number; lastAt: string }>();

  /** Says first what is true now, where the page's own description has become outdated. */
  head(text: string): void {
    this.headline = text;
    this.show();
  }

  note(text: string): void {
    this.lines = [...this.lines, `- \`${now()}\` ${text}`].slice(-MAX_LINES);
    this.show();
  }

  /**
   * Counts something that senders may repeat at will, without pushing other lines out. Returns the
   * new count.
   */
  count(text: string, more = 1): number {
    const times = (this.counts.get(text)?.times ?? 0) + more;
    this.counts.set(text, { times, lastAt: now() });
    this.show();
    return times;
  }

  private show(): void {
    const counts = [...this.counts].map(
      ([text, { times, lastAt }]) => `- \`${lastAt}\` ${text} Times so far: ${times}.`,
    );
    const head = this.headline === undefined ? [] : [this.headline, ''];
    setCurrentDetails([...head, ...this.lines, ...counts].join('\n'));
  }
}

function now(): string {
  return formatToTheSecond(new Date().toISOString());
}
