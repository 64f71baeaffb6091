import type { ListrTask } from 'listr2';

/** Says how far a step has got. */
export type Say = (text: string) => void;

/** A step of a workload: what it returns stands behind its title when it has ended. */
export function step(title: string, work: (say: Say) => Promise<string | undefined>): ListrTask {
  return {
    title,
    task: async (_context, task) => {
      const result = await work((text) => (task.output = text));
      if (result !== undefined) task.title = `${title}: ${result}`;
    },
  };
}
