/**
 * How the workflow list of Temporal's UI opens for operators of bookings: its columns, and queries
 * that are saved as views. The UI keeps both in the browser, for each namespace.
 */

/** Labels as the UI has them; those without a space in the middle are search attributes of ours. */
const COLUMNS = [
  ...['Status', 'BookingReference', 'BookingStatus', 'FlightNumber', 'PaymentDeadline'],
  ...['RefundStatus', 'Workflow ID', 'Type', 'Start'],
];

const BOOKINGS = '`WorkflowType`="bookingWorkflow"';
const REFUNDS = '`WorkflowType`="refundWorkflow"';
const OPEN = '`ExecutionStatus`="Running"';

/** Queries as the UI's own filters write them, so that it can show them as filters. */
const VIEWS: Record<string, string> = {
  'Pending now': `${BOOKINGS} AND ${OPEN} AND \`BookingStatus\`="pending"`,
  'Card declined': `${BOOKINGS} AND \`TemporalChangeVersion\`="card-declined"`,
  'Needs an operator': `${REFUNDS} AND ${OPEN} AND \`RefundStatus\`="needs_operator"`,
  'By reference': '`BookingReference`="ABC234"',
  'By flight': `${BOOKINGS} AND \`FlightNumber\`="UA1287"`,
  'By any of its flights': `${BOOKINGS} AND \`FlightNumbers\`="UA1287"`,
  'By schedule change': '`ScheduleChangeId`="5b2f8e0c-7d84-5c05-9a3f-5d0ab7f7a1de"',
};

/** A view, and the path on the UI's address that opens it. */
export interface ViewLink {
  name: string;
  path: string;
}

/** Returns a link for each view. */
export function viewLinks(namespace: string): ViewLink[] {
  const list = `/namespaces/${encodeURIComponent(namespace)}/workflows`;
  return Object.entries(VIEWS).map(([name, query]) => ({
    name,
    path: `${list}?query=${encodeURIComponent(query)}`,
  }));
}

/** The names under which UI 2.54 keeps them, and under which we keep that they were set. */
const KEYS = {
  columns: 'namespace-workflow-table-columns',
  views: 'saved-workflow-queries',
  done: 'flight-bookings-views',
};

/** To be raised when columns or views change: browsers that have an older set get the new views. */
const EDITION = '1';

/**
 * Returns a script that gives a browser the columns and views, once. Columns that someone chose
 * before stay, and so do all later changes. It must run before the UI's own code, which reads them
 * when it starts.
 */
export function viewsScript(namespace: string): string {
  const columns = COLUMNS.map((label) => ({ label }));
  const views = Object.entries(VIEWS).map(([name, query]) => ({
    id: `flight-bookings-${name}`,
    name,
    query,
    type: 'user',
  }));
  const given = JSON.stringify({ namespace, columns, views, keys: KEYS, edition: EDITION });
  // No text of it may end the element that it stands in.
  return `(${SET_VIEWS})(${given.replaceAll('<', '\\u003c')})`;
}

/** JavaScript for the browser, which has no types here. */
const SET_VIEWS = `({ namespace, columns, views, keys, edition }) => {
  try {
    if (localStorage.getItem(keys.done) === edition) return;
    const change = (key, changed) => {
      const all = JSON.parse(localStorage.getItem(key) ?? '{}');
      localStorage.setItem(key, JSON.stringify({ ...all, [namespace]: changed(all[namespace]) }));
    };
    const isNew = (old) => ({ id }) => !old.some((one) => one.id === id);
    change(keys.columns, (old) => old ?? columns);
    change(keys.views, (old = []) => [...old, ...views.filter(isNew(old))]);
    localStorage.setItem(keys.done, edition);
  } catch (error) {
    console.warn('The columns and views for bookings could not be set.', error);
  }
}`;
