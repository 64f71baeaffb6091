import type { Answer } from './customer';
import { codeOf, faultOf } from './requests';
import { Times } from './times';

/** How requests of one kind went in an open loop. Times count from when a request was due. */
export class Replies {
  readonly served = new Times();
  /** With 503 and `Retry-After`. */
  readonly refused = new Times();
  /** Other responses, and requests without one. */
  readonly others = new Map<string, number>();

  /** Sends a request and notes how it went. Returns the response, if one came. */
  async note(dueAt: number, send: () => Promise<Answer>): Promise<Answer | undefined> {
    const answer = await send().catch((error: unknown) => {
      this.count(`no response: ${faultOf(error)}`);
      return undefined;
    });
    if (answer === undefined) return undefined;
    if (isSuccess(answer)) this.served.noteSince(dueAt);
    else if (isRefusal(answer)) this.refused.noteSince(dueAt);
    else this.count(codeOf(answer));
    return answer;
  }

  get othersInAll(): number {
    return [...this.others.values()].reduce((sum, count) => sum + count, 0);
  }

  private count(code: string): void {
    this.others.set(code, (this.others.get(code) ?? 0) + 1);
  }
}

export function isSuccess({ status }: Answer): boolean {
  return status === 200 || status === 201;
}

/** An overloaded API refuses a request so that it may be sent again later. */
function isRefusal({ status, retryAfterSeconds }: Answer): boolean {
  return status === 503 && retryAfterSeconds !== undefined;
}
