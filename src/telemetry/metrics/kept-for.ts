/** Returns the last result for the given time. Concurrent callers share one call. */
export function keptFor<T>(milliseconds: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let askedAt = -Infinity;
  return () => {
    if (answer === undefined || performance.now() - askedAt > milliseconds) {
      askedAt = performance.now();
      answer = ask();
    }
    return answer;
  };
}
