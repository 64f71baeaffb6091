import type { Client } from '@temporalio/client';
import { workerConfig } from '../../src/config';
import { connect, type Db } from '../../src/db/connection';
import type { PaymentProviders } from '../../src/payments/providers';
import { openPaymentProviders } from '../../src/worker/payment-providers';
import { databaseUrl } from '../stack/database-url';
import { findEncryptionKeys } from '../stack/secrets';
import { localEnvironment, readSettings } from '../stack/settings';
import { withTemporalClient } from '../temporal-client';

/** What an operator's command works with. It reads the database, asks the provider, and changes things through workflows alone. */
export interface OpsDesk {
  db: Db;
  client: Client;
  taskQueue: string;
  providers: PaymentProviders;
}

/** Opens the desk for as long as `work` takes; `operator` is who is named in the workflows' histories. */
export type OpenDesk = <T>(work: (desk: OpsDesk) => Promise<T>, operator?: string) => Promise<T>;

/** The desk of the system that the environment names, else of the local stack. */
export const openDesk: OpenDesk = async (work, operator) => {
  const url = databaseUrl();
  const db = connect(url, { applicationName: 'flight-bookings-ops', maxConnections: 2 });
  const payments = openPaymentProviders(providerSettings(url));
  try {
    return await withTemporalClient(
      (client, taskQueue) => work({ db, client, taskQueue, providers: payments.providers }),
      operator,
    );
  } finally {
    await Promise.all([db.destroy(), payments.close()]);
  }
};

/** The providers that the workers reach: they read the same variables. */
function providerSettings(url: string) {
  const environment = localEnvironment();
  return workerConfig({
    ...environment,
    NODE_ENV: undefined,
    DATABASE_URL: url,
    PAYLOAD_ENCRYPTION_KEYS: findEncryptionKeys(readSettings(environment)),
  });
}
