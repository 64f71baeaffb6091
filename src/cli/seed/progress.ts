import type { Terminal } from '../command';

const WIDTH = 30;

/** Shows the progress of a long task: one bar on a terminal, a line for each step anywhere else. */
export function progressOn({ print }: Pick<Terminal, 'print'>) {
  return (fraction: number, text: string): void => {
    const percent = `${String(Math.round(fraction * 100)).padStart(3)} %`;
    if (!process.stdout.isTTY) {
      print(`${percent}  ${text}`);
      return;
    }
    const filled = Math.round(fraction * WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    // Returns to the start of the line, and clears the rest of a longer text.
    process.stdout.write(`\r${bar} ${percent}  ${text}\u001B[K${fraction >= 1 ? '\n' : ''}`);
  };
}
