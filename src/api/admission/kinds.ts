/** The kinds of work. Each has a concurrency limit of its own, so that none starves another. */
export const WORK_KINDS = ['create', 'pay', 'write', 'read', 'search', 'event', 'other'] as const;

/**
 * `write`: every change to a flight, to webhook endpoints, and to a booking but its creation and its
 * payment. `event`: reports of payment
 * providers and other services. `other`: documents, the codec, paths that don't exist.
 */
export type WorkKind = (typeof WORK_KINDS)[number];

/**
 * Health checks and metrics are needed most under overload, and cost little. A container that is
 * restarted because its probe was refused makes the overload worse.
 */
const NEVER_REFUSED = /^\/(livez|readyz|metrics|api\/v1\/info)\/?$/i;

/** Streams are open for minutes, and have a limit of their own (`flights/seat-stream.ts`). */
const STREAM = /^\/api\/v1\/flights\/[^/]+\/seats\/stream\/?$/i;

const API_PATH = /^\/api\/v1\/([^/]+)(?:\/([^/]*))?/i;

/**
 * Returns the kind of work that a request asks for, by its method and path alone; undefined when it
 * is never refused.
 */
export function kindOf(method: string, path: string): WorkKind | undefined {
  // Preflights are answered without work.
  if (method === 'OPTIONS' || NEVER_REFUSED.test(path)) return undefined;
  if (STREAM.test(path)) return undefined;
  const isRead = method === 'GET' || method === 'HEAD';
  const [, area = '', rest = ''] = API_PATH.exec(path) ?? [];
  switch (area.toLowerCase()) {
    case 'flights':
      return isRead ? 'search' : 'write';
    case 'slices':
    case 'airports':
      return isRead ? 'search' : 'other';
    case 'bookings':
      if (isRead) return 'read';
      if (rest === '') return 'create';
      return rest.toLowerCase() === 'payments' ? 'pay' : 'write';
    case 'webhook-endpoints':
      return isRead ? 'read' : 'write';
    case 'schedule-changes':
    case 'operations':
      return isRead ? 'read' : 'other';
    case 'payment-events':
    case 'webhooks':
      return 'event';
    default:
      return 'other';
  }
}
