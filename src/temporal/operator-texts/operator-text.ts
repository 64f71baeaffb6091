/**
 * What an operator reads on a workflow's page, from its start to its end, without knowing the code.
 * Says what it is, and which actions are allowed. Markdown. Temporal allows 400 bytes of summary,
 * and 20 kB of details. It names no customer.
 */
export interface OperatorText {
  /** One line, also in the list of workflows. */
  staticSummary: string;
  staticDetails: string;
}

/** A message that may be sent to a running workflow, with an example of its argument. */
interface Message {
  name: string;
  when: string;
  example: object;
}

/** What Temporal's own buttons do here. */
interface Buttons {
  cancel: string;
  terminate: string;
  reset: string;
}

/** Formats facts as a list, since the UI's tables leave no space between their columns. */
export function facts(known: Record<string, string>): string {
  return Object.entries(known)
    .map(([name, value]) => `- **${name}**: ${value}`)
    .join('\n');
}

/** Describes how to send a message, and which there are. */
export function messages(...known: Message[]): string {
  return [
    '**What you may do**: _More Actions_, _Send an Update_. _Data_ is JSON and names you and your reason. A field that is missing is named by the refusal, with an example.',
    ...known.map(({ name, when, example }) => {
      // One field a line: the column is narrow.
      const lines = JSON.stringify(example, null, 2).split('\n');
      return [
        `- \`${name}\`: ${when}`,
        '',
        '  ```json',
        ...lines.map((line) => `  ${line}`),
        '  ```',
      ].join('\n');
    }),
  ].join('\n\n');
}

export function buttons({ cancel, terminate, reset }: Buttons): string {
  return `**The buttons**\n\n- **Request Cancellation** ${cancel}\n- **Terminate** ${terminate}\n- **Reset** ${reset}`;
}

/** Returns where to read more; problems are listed there by symptom. */
export function readOn(command: string): string {
  return `**More**: \`${command}\` in a terminal, and the runbook, \`docs/operations.md\`, by symptom.`;
}

export function operatorText(staticSummary: string, ...parts: string[]): OperatorText {
  return { staticSummary, staticDetails: parts.join('\n\n') };
}

/**
 * Formats an instant (ISO 8601) for people, to the minute. If its place is known, also in local
 * time there.
 */
export function formatInstant(at: string, place?: { iata: string; timeZone: string }): string {
  const utc = `${at.replace('T', ' ').slice(0, 16)} UTC`;
  if (place === undefined) return utc;
  return `${utc} (${clockOf(place.timeZone).format(new Date(at))} at ${place.iata})`;
}

/** By time zone, since creating a format takes forty times as long as using it. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const options = { timeZone, dateStyle: 'medium', timeStyle: 'short' } as const;
  const clock = new Intl.DateTimeFormat('en-GB', options);
  clocks.set(timeZone, clock);
  return clock;
}
