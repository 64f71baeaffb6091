import { connect, type Db } from '../db/connection';
import { openPaymentProviders } from '../payments/open';
import type { PaymentProviders } from '../payments/providers';
import { describeTarget, required, type Target } from './target';
import { withTemporal, type TemporalAccess } from './temporal-client';

/**
 * What an operator's command uses: it reads the database, and changes bookings and money through
 * workflows.
 */
export interface System extends TemporalAccess {
  db: Db;
  providers: PaymentProviders;
}

/** How a command uses a system. */
export interface Use {
  /** Whether it changes anything: then its user is told first which system it acts on. */
  isChange?: boolean;
  /** Who makes the change, as recorded in workflows' histories. */
  by?: string;
}

type Open<Parts> = <T>(work: (parts: Parts) => Promise<T>, use?: Use) => Promise<T>;

/** What commands act on. Each part is open for as long as a piece of work takes. */
export interface Systems {
  /** Settings, and their source. */
  target: () => Target;
  withDatabase: Open<Db>;
  withTemporal: Open<TemporalAccess>;
  withSystem: Open<System>;
}

/** Two connections keep two cores busy. */
const MAX_CONNECTIONS = 2;

/**
 * Opens the systems of a target, which is determined when the first command needs it.
 *
 * @param note Called once with the target, before anything is changed, and whenever it is a local
 * stack that was not named explicitly.
 */
export function openSystems(findTarget: () => Target, note: (text: string) => void): Systems {
  let found: Target | undefined;
  let isTold = false;
  const target = () => (found ??= findTarget());

  function targetFor({ isChange = false }: Use): Target {
    const { stack } = target();
    if (!isTold && (isChange || stack !== undefined)) note(describeTarget(target()));
    isTold = true;
    return target();
  }

  function connectTo(url: string): Db {
    return connect(url, {
      applicationName: 'flight-bookings-cli',
      maxConnections: MAX_CONNECTIONS,
    });
  }

  const systems: Systems = {
    target,

    async withDatabase(work, use = {}) {
      const chosen = targetFor(use);
      const db = connectTo(required(chosen.config.databaseUrl, 'DATABASE_URL', chosen));
      return work(db).finally(() => db.destroy());
    },

    async withTemporal(work, use = {}) {
      return withTemporal(targetFor(use), work, use.by);
    },

    async withSystem(work, use = {}) {
      const chosen = targetFor(use);
      const { databaseUrl, processUrls, payments } = chosen.config;
      const ownUrl = required(databaseUrl, 'DATABASE_URL', chosen);
      const opened = openPaymentProviders(payments(), () =>
        connectTo(processUrls.sandbox ?? ownUrl),
      );
      return systems
        .withDatabase(
          (db) =>
            systems.withTemporal(
              (temporal) => work({ ...temporal, db, providers: opened.providers }),
              use,
            ),
          use,
        )
        .finally(() => opened.close());
    },
  };
  return systems;
}
