import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { audit } from '../../../src/activities/audit';
import { EncryptionKeys } from '../../../src/config';
import { connect, WAITS_OF_LOADS } from '../../../src/db/connection';
import { createEncryptionCodec } from '../../../src/temporal/encryption/codec';
import { createDataConverter } from '../../../src/temporal/encryption/data-converter';
import { createWorkflowLookup } from '../../../src/temporal/clients/workflow-lookup';
import type { AuditorLight } from './contract';

/** Where the books and the workflows are. */
export interface Place {
  databaseUrl: string;
  connection: ConnectionOptions;
  namespace: string;
  encryptionKeys: string;
}

/** Checks the books and the workflows once. What can't be reached, as a part that is started again, is unknown. */
export async function checkBooks({
  databaseUrl,
  connection: options,
  namespace,
  encryptionKeys,
}: Place): Promise<AuditorLight> {
  const db = connect(databaseUrl, {
    applicationName: 'flight-bookings-console',
    maxConnections: 1,
    waits: WAITS_OF_LOADS,
  });
  const connection = Connection.lazy(options);
  const dataConverter = createDataConverter(
    createEncryptionCodec(EncryptionKeys.parse(encryptionKeys)),
  );
  const unchecked: string[] = [];
  try {
    const workflows = createWorkflowLookup(new Client({ connection, namespace, dataConverter }));
    const violations = await audit(db, workflows, (rule) => {
      unchecked.push(rule);
    });
    const findings = violations.reduce((sum, { count }) => sum + count, 0);
    const status = findings > 0 ? 'findings' : unchecked.length === 0 ? 'ok' : 'unknown';
    return { status, findings, at: new Date().toISOString() };
  } catch {
    return { status: 'unknown', findings: 0, at: null };
  } finally {
    await Promise.allSettled([connection.close(), db.destroy()]);
  }
}
