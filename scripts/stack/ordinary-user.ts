import { chownSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from './commands';
import { StackFailure } from './failure';

/** A program to start: what `spawn` and `execFile` take. */
export interface Invocation {
  command: string;
  args: string[];
  uid?: number;
  gid?: number;
}

/**
 * Rewrites the start of a program so that it does not run as root, and returns which user must own
 * its files.
 */
export interface OrdinaryUser {
  invoke(command: string, args: string[]): Invocation;
  /** Undefined where everything runs as the one who called. */
  owner?: { uid: number; gid: number };
}

const AS_CALLER: OrdinaryUser = { invoke: (command, args) => ({ command, args }) };

/**
 * How to start PostgreSQL, which refuses to run as root, as containers and CI often do.
 *
 * In a user namespace of its own root is an ordinary user in PostgreSQL's eyes while the files stay
 * root's, whatever folder they are in; `unshare` execs, so the process ID is PostgreSQL's. Where
 * namespaces are forbidden, it runs as `postgres` or `nobody`, who then own the data.
 *
 * @throws StackFailure when neither works.
 */
export async function ordinaryUser(program: string): Promise<OrdinaryUser> {
  if (process.getuid?.() !== 0) return AS_CALLER;
  const { uid, gid } = await userAndGroup();

  const namespace = ['--user', `--map-user=${uid}`, `--map-group=${gid}`];
  const inNamespace: OrdinaryUser = {
    invoke: (command, args) => ({ command: 'unshare', args: [...namespace, command, ...args] }),
    owner: { uid: 0, gid: 0 },
  };
  if (await works(inNamespace, program)) return inNamespace;

  const switched: OrdinaryUser = {
    invoke: (command, args) => ({ command, args, uid, gid }),
    owner: { uid, gid },
  };
  if (await works(switched, program)) return switched;
  throw new StackFailure(
    `PostgreSQL refuses to run as root, and neither a user namespace nor the user with ID ${uid} can run ${program}: ` +
      'start this as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.',
  );
}

/** A user that the system knows by name: initdb looks it up. */
async function userAndGroup(): Promise<{ uid: number; gid: number }> {
  for (const user of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([idOf('-u', user), idOf('-g', user)]);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new StackFailure(
    'PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`: start this as an ordinary user.',
  );
}

async function idOf(kind: '-u' | '-g', user: string): Promise<number | undefined> {
  const { exitCode, stdout } = await runCommand('id', [kind, user], { timeoutMs: 5_000 });
  return exitCode === 0 ? Number(stdout) : undefined;
}

async function works(user: OrdinaryUser, program: string): Promise<boolean> {
  const { command, args, uid, gid } = user.invoke(program, ['--version']);
  const result = await runCommand(command, args, { timeoutMs: 10_000, uid, gid }).catch(
    () => undefined,
  );
  return result?.exitCode === 0;
}

/**
 * Gives a folder and all in it to the user that will run on it, if it isn't theirs: the way of
 * starting may have changed.
 */
export function giveTo({ owner }: OrdinaryUser, folder: string): void {
  if (owner === undefined || statSync(folder).uid === owner.uid) return;
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    chownSync(path.join(folder, entry), owner.uid, owner.gid);
  }
  chownSync(folder, owner.uid, owner.gid);
}
