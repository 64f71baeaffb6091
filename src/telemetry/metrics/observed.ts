type Step = (...args: never[]) => Promise<unknown>;

/**
 * What is to be done once a step has ended well, by the step's name: it is given the result, then
 * the step's own arguments.
 */
export type Observers<Steps> = {
  [Name in keyof Steps]?: Steps[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (result: Result, ...args: Args) => void
    : never;
};

/** The same steps, each telling its observer what came of it. A step that fails tells nothing. */
export function observed<Steps extends Record<string, Step>>(
  steps: Steps,
  observers: Observers<Steps>,
): Steps {
  const observe =
    (name: string, step: Step) =>
    async (...args: never[]) => {
      const result = await step(...args);
      const observer = observers[name] as ((...told: unknown[]) => void) | undefined;
      observer?.(result, ...args);
      return result;
    };
  return Object.fromEntries(
    Object.entries(steps).map(([name, step]) => [name, observe(name, step)]),
  ) as Steps;
}
