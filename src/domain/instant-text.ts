/** Formats an instant (ISO 8601, in UTC) for people, to the second: `2026-11-28 20:05:28`. */
export function formatToTheSecond(at: string): string {
  return at.replace('T', ' ').slice(0, 19);
}
