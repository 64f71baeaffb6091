/** An element of a grid, and where it is. */
export interface Spot {
  id: string;
  column: number;
  row: number;
}

/** Where each arrow leads, in columns and rows. */
const STEPS: Record<string, readonly [columns: number, rows: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * Returns the nearest spot in the direction of a key: aisles and gaps are stepped over. Home and
 * End lead to the ends of a row. Undefined for other keys, and at the edge.
 */
export function nextSpot(spots: readonly Spot[], id: string, key: string): Spot | undefined {
  const from = spots.find((spot) => spot.id === id);
  if (from === undefined) return undefined;
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
