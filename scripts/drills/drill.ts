import { describeReconciliation } from '../../src/cli/reconciliation';
import type { ReconciliationReport } from '../../src/temporal/contracts/reconciliation';
import type { CommandResult } from '../stack/commands';
import { Customers, type Sale } from './customers';
import type { DrillStack } from './stack';

/** What a drill found. */
export interface DrillReport {
  drill: string;
  /** How many customers of each kind there were. */
  customers: Record<string, number>;
  /** What was left to a person, and what the drill did in their place. */
  byHand: string[];
  /** What is not as it must be: nothing, if all is well. */
  findings: string[];
  seconds: number;
}

/** Says what is done, as it is done. */
export type Say = (text: string) => void;

/** A drill under way: it does, and says, what the runbook has people do. */
export class Drill {
  readonly sales: Sale[] = [];
  readonly byHand: string[] = [];
  readonly findings: string[] = [];
  private readonly begunAt = Date.now();

  constructor(
    readonly name: string,
    readonly stack: DrillStack,
    readonly say: Say,
  ) {}

  customers(): Promise<Customers> {
    return Customers.of(this.stack);
  }

  /** `npm run flights -- …`. One that finds something exits with 1: that is for the drill to judge. */
  async flights(...args: string[]): Promise<CommandResult> {
    this.say(`$ npm run flights -- ${args.map(quoted).join(' ')}`);
    return this.shown(await this.stack.flights(...args));
  }

  /** Temporal's own command line. @throws when it fails. */
  async temporal(...args: string[]): Promise<void> {
    this.say(`$ npm run temporal -- ${args.map(quoted).join(' ')}`);
    const { exitCode, stdout, stderr } = this.shown(await this.stack.temporal(...args));
    if (exitCode !== 0) throw new Error(stdout + stderr);
  }

  /** Has reconciliation not run by itself, or run again. */
  async toggleReconciliation(option: '--pause' | '--unpause'): Promise<void> {
    for (const id of ['reconciliation', 'nightly-audit'])
      await this.temporal(
        ...['schedule', 'toggle', '--schedule-id', id, option, '--reason', 'restore'],
      );
  }

  /** Reconciles once more, as the runbook says, and notes what it leaves to a person. */
  async reconcileUntilClean(): Promise<void> {
    this.say('$ npm run flights -- reconcile');
    const { stdout, stderr } = await this.stack.flights('reconcile', '--json');
    if (stdout === '') throw new Error(stderr);
    const report = JSON.parse(stdout) as ReconciliationReport;
    this.say(describeReconciliation(report).replaceAll(/^/gm, '  '));
    for (const { kind, count } of report.disagreements)
      this.findings.push(`the provider: ${kind}, ${String(count)}`);
    for (const { part, reason } of report.failed) this.findings.push(`${part} failed: ${reason}`);
  }

  report(): DrillReport {
    const customers: Record<string, number> = {};
    for (const { what } of this.sales) customers[what] = (customers[what] ?? 0) + 1;
    const { name: drill, byHand, findings } = this;
    const seconds = Math.round((Date.now() - this.begunAt) / 1_000);
    return { drill, customers, byHand, findings, seconds };
  }

  private shown(result: CommandResult): CommandResult {
    const text = result.stdout.trim();
    if (text !== '') this.say(text.replaceAll(/^/gm, '  '));
    return result;
  }
}

function quoted(text: string): string {
  return /^[\w.:/-]+$/.test(text) ? text : `'${text}'`;
}
