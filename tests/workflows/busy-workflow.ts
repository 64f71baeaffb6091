/**
 * Computes for so many rounds, without a pause: a workflow that has thousands of messages at once.
 * Each round takes the same time: its numbers stay small, and so integers of the processor.
 */
export function busy(rounds: number): Promise<number> {
  let sum = 0;
  for (let round = 0; round < rounds; round += 1) sum = (sum * 31 + 7) % 1_000_003;
  return Promise.resolve(sum);
}
