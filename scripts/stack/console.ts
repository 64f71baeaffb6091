/**
 * The parts' lines on our console, each marked with its name, once the stack is up; until then
 * they'd break the progress.
 */
export class StackConsole {
  #open = false;

  open(): void {
    this.#open = true;
  }

  readonly say = (name: string, line: string): void => {
    if (this.#open) console.log(`${name} │ ${line}`);
  };
}
