import { setCurrentDetails } from '@temporalio/workflow';

/** Enough for any booking; one that someone plays with keeps its latest. */
const MAX_LINES = 50;

/**
 * What has happened so far, a line each, as an operator reads it on the workflow's page. It goes
 * through the codec, and still names no customer.
 */
export class Timeline {
  private lines: string[] = [];
  /** What may come any number of times has one line of its own, below the others. */
  private readonly counts = new Map<string, { times: number; lastAt: string }>();

  note(text: string): void {
    this.lines = [...this.lines, `- \`${now()}\` ${text}`].slice(-MAX_LINES);
    this.show();
  }

  /**
   * Notes what others may bring about as often as they like, without pushing out the story. Returns
   * how often it has come by now.
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
    setCurrentDetails([...this.lines, ...counts].join('\n'));
  }
}

function now(): string {
  return new Date().toISOString().replace('T', ' ').slice(0, 19);
}
