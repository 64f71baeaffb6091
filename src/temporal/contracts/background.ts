/**
 * The task queue of work that no customer waits for. It has slots and a rate of its own: however
 * much of it comes at once, customers who book and pay come first.
 */
export function backgroundTaskQueue(taskQueue: string): string {
  return `${taskQueue}-background`;
}
