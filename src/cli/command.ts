import type { Command } from 'commander';
import type { Systems } from './systems';

/** Output of the program: results, and everything else. */
export interface Terminal {
  print: (text: string) => void;
  complain: (text: string) => void;
}

/** The result of a command: for a script, and for a person. */
export interface Outcome {
  result: unknown;
  text: string;
  /** Whether an operator has to act: then the program exits with 1. */
  isFinding?: boolean;
}

/** Options of every command that prints a result. */
export interface Format {
  json?: boolean;
}

/** Options of every command that changes a booking or money, in addition to those. */
export interface Change extends Format {
  as: string;
}

/** What a command is built with. */
export interface Cli {
  program: Command;
  systems: Systems;
  terminal: Terminal;
  say: (outcome: Outcome, format?: Format) => void;
}

/** Adds one command to the program. */
export type AddCommand = (cli: Cli) => void;

/** The option that prints a result for a script. */
export const JSON_OPTION = ['--json', 'print the result as JSON'] as const;
