import { typeOf } from './history-text';
import { valueOf } from './workflow-run';

/** What an update was answered, and when it was accepted. */
export interface Answer {
  name: string;
  request: unknown;
  acceptedAt?: number;
  isRejected?: true;
  /** Its run was terminated before it answered. */
  isLost?: true;
  result?: unknown;
  /** The type of the failure that it ended with. */
  refusal?: string;
  answers: number;
}

/** The updates that were sent to a workflow, by their IDs. */
export class Answers extends Map<string, Answer> {
  /** Notes what the workflow says to an update. */
  note(response: Record<string, unknown>, now: number): void {
    const known = this.get(response.protocolInstanceId as string);
    if (known === undefined) throw new Error('Bug: an update that nobody sent is answered');
    if (isThere(response.accepted)) {
      known.acceptedAt = now;
      return;
    }
    known.answers += 1;
    if (isThere(response.rejected)) {
      known.refusal = typeOf(response.rejected);
      if (known.acceptedAt === undefined) known.isRejected = true;
    } else known.result = valueOf(response.completed);
  }

  /** Tells the senders of open updates that the run has ended, and that the answer is not known. */
  lose(): void {
    for (const [id, answer] of this) {
      if (answer.answers > 0) continue;
      answer.isLost = true;
      if (answer.acceptedAt === undefined) this.delete(id);
    }
  }

  isRejected(id: string): boolean {
    return this.get(id)?.isRejected === true;
  }
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}
