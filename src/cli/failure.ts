import { Refusal } from '../domain/refusal';
import { ConfigurationError } from '../secret-files';
import { Refused } from '../temporal/clients/refused';
import { Unavailable } from '../temporal/clients/unavailable';

/** A failure that the program's user can correct. The message is shown to them as it is. */
export class CommandFailure extends Error {
  override name = 'CommandFailure';
}

const SYSTEM_ERRORS: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file, not a folder',
};

/** Describes any error for a terminal: never with a stack trace. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describeError).join('; ');
  if (!(error instanceof Error)) return String(error);
  const { code, path: file } = error as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : SYSTEM_ERRORS[code];
  if (known === undefined || error instanceof CommandFailure) return error.message;
  return file === undefined ? `${known} (${error.message})` : `${file}: ${known}`;
}

/** Errors whose message was written for users. Of any other error the first line is shown. */
const WRITTEN_FOR_PEOPLE = [CommandFailure, ConfigurationError, Refusal, Refused, Unavailable];

/** Returns why a command failed, for its user. */
export function describeFailure(error: unknown): string {
  const text = describeError(error);
  if (WRITTEN_FOR_PEOPLE.some((kind) => error instanceof kind)) return text;
  return text.split('\n')[0] ?? '';
}
