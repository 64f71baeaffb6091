type Activity = (...args: never[]) => Promise<unknown>;

/**
 * What is to be done once an activity has ended well, by the activity's name: it is given the
 * result, then the activity's own arguments.
 */
export type Observers<Activities> = {
  [Name in keyof Activities]?: Activities[Name] extends (
    ...args: infer Args
  ) => Promise<infer Result>
    ? (result: Result, ...args: Args) => void
    : never;
};

/**
 * The same activities, each telling its observer what came of it. An activity that fails tells
 * nothing.
 */
export function observed<Activities extends Record<string, Activity>>(
  activities: Activities,
  observers: Observers<Activities>,
): Activities {
  const observe =
    (name: string, activity: Activity) =>
    async (...args: never[]) => {
      const result = await activity(...args);
      const observer = observers[name] as ((...told: unknown[]) => void) | undefined;
      observer?.(result, ...args);
      return result;
    };
  return Object.fromEntries(
    Object.entries(activities).map(([name, activity]) => [name, observe(name, activity)]),
  ) as Activities;
}
