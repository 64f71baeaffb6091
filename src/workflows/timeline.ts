import { setCurrentDetails } from '@temporalio/workflow';

/** Enough for any booking; one that someone plays with keeps its latest. */
const MAX_LINES = 50;

/** What has happened so far, a line each, as an operator reads it on the workflow's page. It goes through the codec, and still names no customer. */
export class Timeline {
  private lines: string[] = [];

  note(text: string): void {
    const at = new Date().toISOString().replace('T', ' ').slice(0, 19);
    this.lines = [...this.lines, `- \`${at}\` ${text}`].slice(-MAX_LINES);
    setCurrentDetails(this.lines.join('\n'));
  }
}
