/**
 * How long tests wait for what must come, in milliseconds: far longer than anything takes, on a
 * machine too that is busy with other suites. How soon it must come a test says itself, where that
 * is promised.
 */
export const PATIENCE_MS = 100_000;
