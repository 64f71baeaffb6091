import type { Command } from 'commander';
import type { Systems } from './systems';

/** Where the program speaks: results, and everything else. */
export interface Terminal {
  print: (text: string) => void;
  complain: (text: string) => void;
}

/** What a command has to say: to a script, and to a person. */
export interface Outcome {
  result: unknown;
  text: string;
  /** Whether there is something to see to: then the program exits with 1. */
  isFinding?: boolean;
}

/** Options of every command that prints a result. */
export interface Format {
  json?: boolean;
}

/** Options of every command that changes a booking or money, beside those. */
export interface Change extends Format {
  as: string;
}

/** What a command is made with. */
export interface Cli {
  program: Command;
  systems: Systems;
  terminal: Terminal;
  say: (outcome: Outcome, format?: Format) => void;
}

/** Adds one command to the program. */
export type AddCommand = (cli: Cli) => void;

/** The option by which a result is printed for a script. */
export const JSON_OPTION = ['--json', 'print the result as JSON'] as const;
