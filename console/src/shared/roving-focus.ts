import { useState } from 'preact/hooks';

/** Where each arrow leads, in columns and rows. */
const STEPS: Record<string, readonly [columns: number, rows: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** An element in a grid, and where it is. */
export interface Spot {
  id: string;
  column: number;
  row: number;
}

/**
 * Lets one go through a grid by the arrow keys: one stop of the Tab key for all of it. Home and End
 * lead to the ends of a row.
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

/** The nearest spot in the direction of the key: aisles and gaps are stepped over. */
function nextSpot(spots: readonly Spot[], from: Spot, key: string): Spot | undefined {
  if (key === 'Home' || key === 'End') {
    const row = spots
      .filter((spot) => spot.row === from.row)
      .sort((one, other) => one.column - other.column);
    return row.at(key === 'Home' ? 0 : -1);
  }
  const step = STEPS[key];
  if (step === undefined) return undefined;
  const [columns, rows] = step;
  const ahead = spots
    .map((spot) => {
      const along = (spot.column - from.column) * columns + (spot.row - from.row) * rows;
      const aside = Math.abs((spot.column - from.column) * rows + (spot.row - from.row) * columns);
      return { spot, along, aside };
    })
    .filter(({ along }) => along > 0)
    .sort((one, other) => one.aside - other.aside || one.along - other.along);
  return ahead[0]?.spot;
}
