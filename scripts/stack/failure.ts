/** Something the person at the terminal can put right: the message is what to tell them, whole. */
export class StackFailure extends Error {
  override name = 'StackFailure';

  constructor(
    message: string,
    /** What the failed program said, for those who read on. */
    readonly output = '',
  ) {
    super(message);
  }
}

const SYSTEM_ERRORS: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file, not a folder',
};

/** One line about any error, fit for a terminal: never a stack trace. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describeError).join('; ');
  if (!(error instanceof Error)) return String(error);
  const { code, path: file } = error as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : SYSTEM_ERRORS[code];
  if (known === undefined || error instanceof StackFailure) return error.message;
  return file === undefined ? `${known} (${error.message})` : `${file}: ${known}`;
}
