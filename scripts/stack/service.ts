import type { Invocation } from './ordinary-user';

/** A part of the stack that runs as a process of its own, and is started again when it dies. */
export interface Service {
  /** Of its pid file, and of its lines on the console. */
  name: string;
  title: string;
  /** Called before every start; makes room for it. It runs in our root unless it says where. */
  prepare(): Promise<Invocation & { env?: NodeJS.ProcessEnv; cwd?: string }>;
  /** Fulfilled once it serves. */
  untilServing(): Promise<boolean>;
  /** Where its output goes: into a file, or through us to the console when there is none. */
  logFile?: string;
  /** Asks it to end in an orderly way. */
  stopSignal: NodeJS.Signals;
  /** How long that may take, in milliseconds, before it is killed. */
  graceMs: number;
}
