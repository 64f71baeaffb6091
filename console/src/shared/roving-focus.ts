import { useState } from 'preact/hooks';
import { nextSpot, type Spot } from './spot';

/**
 * Lets one go through a grid by the arrow keys: one stop of the Tab key for all of it. The elements
 * carry the IDs of their spots as `data-spot`, and what is around them `data-grid`.
 */
export function useRovingFocus(
  spots: readonly Spot[],
  preferred: string | undefined,
): {
  tabIndexOf: (id: string) => 0 | -1;
  onKeyDown: (event: KeyboardEvent, id: string) => void;
} {
  const [current, setCurrent] = useState<string>();
  const known = (id: string | undefined) => spots.some((spot) => spot.id === id);
  const stop = known(current) ? current : known(preferred) ? preferred : spots[0]?.id;
  return {
    tabIndexOf: (id) => (id === stop ? 0 : -1),
    onKeyDown(event, id) {
      const from = spots.find((spot) => spot.id === id);
      const next = from === undefined ? undefined : nextSpot(spots, from, event.key);
      if (next === undefined) return;
      event.preventDefault();
      setCurrent(next.id);
      const grid = (event.currentTarget as Element).closest('[data-grid]');
      grid?.querySelector<HTMLElement | SVGElement>(`[data-spot="${next.id}"]`)?.focus();
    },
  };
}
