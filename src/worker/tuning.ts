import type { WorkerOptions } from '@temporalio/worker';
import { SANDBOX } from './sandbox';

/**
 * Slots for two cores: workflow tasks use CPU; local activities wait for PostgreSQL, one connection
 * each; activities wait for a provider.
 */
const SLOTS = {
  maxConcurrentWorkflowTaskExecutions: 20,
  maxConcurrentLocalActivityExecutions: 20,
  maxConcurrentActivityTaskExecutions: 40,
} as const;

/**
 * How many workflows stay in memory between their tasks. It belongs with the heap limit of the
 * worker, `--max-old-space-size=448`. With both, a thousand open bookings took 437 MB in all, and a
 * flood of messages 404 MB. Without them Node lets the memory of each flood grow before it collects
 * any of it.
 */
const MAX_CACHED_WORKFLOWS = 500;

/**
 * How long the workflows of a killed worker wait for it before another one takes over. With the
 * default of ten seconds, a deadline that comes meanwhile would be ten seconds late.
 */
const STICKY_TIMEOUT = '1s';

const SHUTDOWN_GRACE = '8s';

/** How much a worker does at once, and keeps in memory. The benchmark's workers use the same. */
export const TUNING = {
  ...SLOTS,
  ...SANDBOX,
  maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
  stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
  shutdownGraceTime: SHUTDOWN_GRACE,
} satisfies Partial<WorkerOptions> & typeof SANDBOX;

/**
 * Of work that no customer waits for, such as what follows when nobody has responded to a schedule
 * change. For two cores, which sell some ten bookings a second: so many outcomes a second cost a
 * twelfth of the two.
 */
export const BACKGROUND_TUNING = {
  maxConcurrentActivityTaskExecutions: 4,
  maxConcurrentActivityTaskPolls: 1,
  maxActivitiesPerSecond: 1,
  shutdownGraceTime: SHUTDOWN_GRACE,
} satisfies Partial<WorkerOptions>;

/**
 * Of deliveries to webhook endpoints. Each endpoint has one at a time, which waits for a receiver:
 * so many may keep us waiting before others do.
 */
export const WEBHOOK_TUNING = {
  maxConcurrentActivityTaskExecutions: 100,
  shutdownGraceTime: SHUTDOWN_GRACE,
} satisfies Partial<WorkerOptions>;
