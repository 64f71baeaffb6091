type Activity = (...args: never[]) => Promise<unknown>;

/**
 * Observers of activities that have succeeded, by the activity's name. They get the result, then
 * the activity's own arguments.
 */
export type Observers<Activities> = {
  [Name in keyof Activities]?: Activities[Name] extends (
    ...args: infer Args
  ) => Promise<infer Result>
    ? (result: Result, ...args: Args) => void
    : never;
};

/**
 * Observers of all activities but those that are named. A new activity is a compile error until it
 * has an observer, or is named as one that changes nothing which is counted.
 */
export type ObserversOfAllBut<Activities, Unobserved extends keyof Activities> = Required<
  Observers<Omit<Activities, Unobserved>>
>;

/**
 * Returns the same activities, each of which calls its observer with its result. A failed activity
 * calls none. Observers of other activities are passed over.
 */
export function observed<Activities extends Record<string, Activity>>(
  activities: Activities,
  observers: Observers<NoInfer<Activities>>,
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
