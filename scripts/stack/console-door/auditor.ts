import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { audit } from '../../../src/activities/audit';
import { connect, WAITS_OF_LOADS } from '../../../src/db/connection';
import { createWorkflowLookup } from '../../../src/temporal/workflow-lookup';

/** What the auditor found last; `unknown` where it could not check everything. */
export interface AuditorLight {
  status: 'ok' | 'findings' | 'unknown';
  findings: number;
  at: string | null;
}

/** Nobody looks more closely, and a check costs a part of a second. */
const GOOD_FOR_MS = 10_000;

/**
 * Returns the auditor's light: it checks the books when someone looks, at most once in ten seconds,
 * and one at a time. While nobody looks it costs nothing.
 */
export function createAuditorLight(place: {
  databaseUrl: string;
  connection: ConnectionOptions;
  namespace: string;
}): () => Promise<AuditorLight> {
  let latest: { light: Promise<AuditorLight>; startedAt: number } | undefined;
  return () => {
    if (latest === undefined || Date.now() - latest.startedAt > GOOD_FOR_MS)
      latest = { light: look(place), startedAt: Date.now() };
    return latest.light;
  };
}

async function look({
  databaseUrl,
  connection: options,
  namespace,
}: Parameters<typeof createAuditorLight>[0]): Promise<AuditorLight> {
  const db = connect(databaseUrl, {
    applicationName: 'flight-bookings-console',
    maxConnections: 1,
    waits: WAITS_OF_LOADS,
  });
  const connection = Connection.lazy(options);
  const unchecked: string[] = [];
  try {
    const workflows = createWorkflowLookup(new Client({ connection, namespace }));
    const violations = await audit(db, workflows, (rule) => {
      unchecked.push(rule);
    });
    const findings = violations.reduce((sum, { count }) => sum + count, 0);
    const status = findings > 0 ? 'findings' : unchecked.length === 0 ? 'ok' : 'unknown';
    return { status, findings, at: new Date().toISOString() };
  } catch {
    // A part of the stack is being started again.
    return { status: 'unknown', findings: 0, at: null };
  } finally {
    await connection.close();
    await db.destroy();
  }
}
