import path from 'node:path';
import { commandConfig, commandVariables, type CommandConfig } from '../config';
import { PACKAGE_ROOT } from '../package-root';
import { CommandFailure } from './failure';
import { findLocalStack, type LocalStack } from './local-stack';

/** What a command acts on: the system that the environment names, or else the local stack. */
export interface Target {
  config: CommandConfig;
  /** Undefined when it is a system other than a local stack. */
  stack: LocalStack | undefined;
  /** Why the local stack is not used, to explain a missing setting. */
  whyNotLocal: string;
}

/** Each of these names the system. */
const NAMES = ['DATABASE_URL', 'TEMPORAL_ADDRESS'] as const;

/**
 * Determines what a command acts on.
 *
 * A local stack completes an environment that names it, or that names nothing. It never completes
 * one that names another system, in whole or in part, and none in production.
 *
 * @throws ConfigurationError when a variable can't be used.
 */
export function findTarget(source?: NodeJS.ProcessEnv): Target {
  const given = commandVariables(path.join(PACKAGE_ROOT, '.env'), source);
  const config = commandConfig(given);
  if (config.isProduction)
    return { config, stack: undefined, whyNotLocal: 'in production nothing else names it' };
  const dataDir = path.resolve(PACKAGE_ROOT, config.dataDir);
  const stack = findLocalStack(dataDir);
  if (stack === undefined)
    return { config, stack, whyNotLocal: `no local stack runs in ${dataDir} (npm run dev)` };
  const other = NAMES.find(
    (name) => (given[name] ?? stack.variables[name]) !== stack.variables[name],
  );
  if (other !== undefined)
    return {
      config,
      stack: undefined,
      whyNotLocal: `${other} names another system than the local stack in ${dataDir}`,
    };
  return { config: commandConfig({ ...stack.variables, ...given }), stack, whyNotLocal: '' };
}

/**
 * Returns a setting that a command requires.
 *
 * @throws CommandFailure when it is not set, saying why the local stack's setting is not used.
 */
export function required<T>(value: T | undefined, variable: string, { whyNotLocal }: Target): T {
  if (value !== undefined) return value;
  const why = whyNotLocal === '' ? "the local stack's own is unknown" : whyNotLocal;
  throw new CommandFailure(`${variable} is not set: ${why}.`);
}

/** Describes what a command acts on, in one line without a secret. */
export function describeTarget({ config, stack }: Target): string {
  const { databaseUrl, temporal } = config;
  const parts = [
    ...(databaseUrl === undefined ? [] : [`PostgreSQL ${nameOf(databaseUrl)}`]),
    ...(temporal.address === undefined
      ? []
      : [`Temporal ${temporal.address} (namespace ${temporal.namespace})`]),
  ].join(', ');
  return stack === undefined ? `On ${parts}.` : `On the local stack in ${stack.dataDir}: ${parts}.`;
}

function nameOf(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl);
  return `${host}${pathname}`;
}
