/**
 * Customers who come one after another, at several doors at once, for as long as they are let in.
 */
export interface Traffic<T> {
  /** How many have left so far. */
  count(): number;
  /**
   * Lets nobody in any more; returns what each customer had to tell, once the last one has left.
   */
  end(): Promise<T[]>;
}

export function openDoors<T>(doors: number, shop: () => Promise<T>): Traffic<T> {
  const told: T[] = [];
  let isOpen = true;
  const lines = Array.from({ length: doors }, async () => {
    while (isOpen) told.push(await shop());
  });
  return {
    count: () => told.length,
    end: async () => {
      isOpen = false;
      await Promise.all(lines);
      return told;
    },
  };
}

/** Does the same for each, so many at a time; returns in their order. */
export async function forEach<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [index, item] of queue) results[index] = await work(item);
    }),
  );
  return results;
}
