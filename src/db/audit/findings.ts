import type { Violation } from '../../temporal/contracts/reconciliation';
import type { SubjectKind } from './checks/check';

/** Receives an invariant that could not be checked, and why. */
export type RuleFailed = (invariant: string, reason: string) => void;

/** Something to check again: it violates an invariant, or was changed without an event. */
export interface Suspect {
  kind: SubjectKind;
  subject: string;
}

const EXAMPLES = 5;

/** Up to so many IDs of one invariant are told apart; beyond, one found twice counts twice. */
const REMEMBERED = 10_000;

/** What a run has found so far, in bounded memory however much is wrong. */
export class Findings {
  private readonly found = new Map<string, { count: number; ids: Set<string> }>();
  private readonly failedSoFar: Set<string>;

  /**
   * @param onFailure Without it, the first invariant that can't be checked is thrown as an error.
   * @param failedBefore Invariants that an earlier part of the same run could not check.
   */
  constructor(
    private readonly onFailure: RuleFailed = throwFailure,
    failedBefore: readonly string[] = [],
  ) {
    this.failedSoFar = new Set(failedBefore);
  }

  /** Notes what violates an invariant. An ID that is found again counts once. */
  note(invariant: string, ids: readonly string[]): void {
    if (ids.length === 0) return;
    const known = this.found.get(invariant) ?? { count: 0, ids: new Set<string>() };
    this.found.set(invariant, known);
    for (const id of ids) {
      if (known.ids.has(id)) continue;
      known.count += 1;
      if (known.ids.size < REMEMBERED) known.ids.add(id);
    }
  }

  /** Notes, once, that an invariant could not be checked. */
  fail(invariant: string, reason: string): void {
    if (this.failedSoFar.has(invariant)) return;
    this.failedSoFar.add(invariant);
    this.onFailure(invariant, reason);
  }

  hasFailed(invariant: string): boolean {
    return this.failedSoFar.has(invariant);
  }

  /** Whether every invariant could be checked so far. */
  get isComplete(): boolean {
    return this.failedSoFar.size === 0;
  }

  get failed(): string[] {
    return [...this.failedSoFar];
  }

  get violations(): Violation[] {
    return [...this.found].map(([invariant, { count, ids }]) => ({
      invariant,
      count,
      examples: [...ids].slice(0, EXAMPLES),
    }));
  }
}

function throwFailure(invariant: string, reason: string): never {
  throw new Error(`Could not be checked: ${invariant} (${reason})`);
}
