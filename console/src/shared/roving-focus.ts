import { useLayoutEffect, useState } from 'preact/hooks';

/**
 * Lets one go through a grid by keys: one stop of the Tab key for all of it. `next` returns where a
 * key leads from an element, if anywhere; what it leads to may be shown only then. The elements
 * carry their IDs as `data-spot`, and what is around them `data-grid`.
 */
export function useRovingFocus(
  ids: readonly string[],
  preferred: string | undefined,
  next: (id: string, key: string) => string | undefined,
): {
  tabIndexOf: (id: string) => 0 | -1;
  onKeyDown: (event: KeyboardEvent, id: string) => void;
} {
  const [moved, setMoved] = useState<{ id: string; grid: Element | null }>();
  useLayoutEffect(() => {
    moved?.grid?.querySelector<HTMLElement | SVGElement>(`[data-spot="${moved.id}"]`)?.focus();
  }, [moved]);
  const stop = [moved?.id, preferred].find((id) => id !== undefined && ids.includes(id)) ?? ids[0];
  return {
    tabIndexOf: (id) => (id === stop ? 0 : -1),
    onKeyDown(event, id) {
      const to = next(id, event.key);
      if (to === undefined) return;
      event.preventDefault();
      setMoved({ id: to, grid: (event.currentTarget as Element).closest('[data-grid]') });
    },
  };
}
