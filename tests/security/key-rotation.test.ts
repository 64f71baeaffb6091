import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AUTH, openApi, type ApiUnderTest, type RunningApi } from '../support/api';
import { clientOf } from '../api/client';

/**
 * An issuer of tokens that changes its keys, and that is away meanwhile: nobody with a good token is
 * called unknown, and no key that it gave up opens anything for long.
 */

let backend: ApiUnderTest;
let folder: string;
beforeAll(async () => {
  backend = await openApi();
  folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-issuer-'));
});
afterAll(async () => {
  await backend.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => jest.restoreAllMocks());

interface Issuer {
  port: string;
  /** A token by the newest key, or by this one. */
  token(kid?: string): Promise<string>;
  /** Makes a new key; returns its name. */
  rotate(): Promise<string>;
  /** Gives up all keys but the newest. */
  retire(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts the issuer whose keys are in a file, or starts it again at the port that it had. */
async function startIssuer(name: string, port = '0'): Promise<Issuer> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', path.join(__dirname, 'issuer.ts'), port, path.join(folder, name)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const given = line.toString().trim();
  const post = async <T>(route: string, body: unknown = {}): Promise<T> => {
    const answer = await fetch(`http://127.0.0.1:${given}${route}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as T;
  };
  return {
    port: given,
    token: async (kid) => {
      const exp = Math.floor(Date.now() / 1_000) + 7_200;
      const { issuer: iss, audience: aud } = AUTH;
      const claims = { sub: `customer-${Math.random()}`, scope: 'bookings', iss, aud, exp };
      const query = kid === undefined ? '' : `?kid=${kid}`;
      return (await post<{ token: string }>(`/token${query}`, claims)).token;
    },
    rotate: async () => (await post<{ kid: string }>('/rotate')).kid,
    retire: () => post('/retire'),
    kill: async () => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

const apiThatTrusts = ({ port }: Issuer): Promise<RunningApi> =>
  backend.startApi({
    auth: {
      kind: 'jwks',
      url: `http://127.0.0.1:${port}/keys`,
      issuer: AUTH.issuer,
      audience: AUTH.audience,
    },
  });

const statusWith = async (api: RunningApi, token: string) =>
  (await clientOf(api.url, token).list()).status;

let later = 0;
/** Lets time pass, for the API alone: how long it keeps keys, and how often it asks for them. */
function wait(seconds: number): void {
  jest.restoreAllMocks();
  later += seconds * 1_000;
  const now = Date.now.bind(Date);
  jest.spyOn(Date, 'now').mockImplementation(() => now() + later);
}

beforeEach(() => {
  later = 0;
});

/** Unknown keys are asked for twice a minute; known ones are kept for ten minutes. */
const ASKED_AGAIN_SECONDS = 31;
const KEPT_SECONDS = 601;
/** A token that was checked is believed for so long. */
const BELIEVED_SECONDS = 61;

test('a new key opens within half a minute, and the old one for as long as it is published', async () => {
  const issuer = await startIssuer('rotation');
  const api = await apiThatTrusts(issuer);
  const old = await issuer.token();
  expect(await statusWith(api, old)).toBe(200);
  await issuer.rotate();
  const fresh = await issuer.token();
  wait(ASKED_AGAIN_SECONDS);
  expect(await statusWith(api, fresh)).toBe(200);
  expect(await statusWith(api, old)).toBe(200);
  await issuer.retire();
  wait(KEPT_SECONDS + BELIEVED_SECONDS);
  expect(await statusWith(api, old)).toBe(401);
  expect(await statusWith(api, fresh)).toBe(200);
  await issuer.kill();
});

test('while the issuer is away known keys go on, and nobody is called unknown', async () => {
  const issuer = await startIssuer('away');
  const api = await apiThatTrusts(issuer);
  const known = [await issuer.token(), await issuer.token()] as const;
  expect(await statusWith(api, known[0])).toBe(200);
  await issuer.rotate();
  const unseen = await issuer.token();
  await issuer.kill();
  wait(ASKED_AGAIN_SECONDS);
  // One that nobody has checked yet, by a key that we have.
  expect(await statusWith(api, known[1])).toBe(200);
  expect(await statusWith(api, unseen)).toBe(503);
  wait(KEPT_SECONDS);
  // The key may have been given up meanwhile: nobody can tell, and it is not the customer's fault.
  expect(await statusWith(api, known[0])).toBe(503);

  const back = await startIssuer('away', issuer.port);
  await back.retire();
  wait(ASKED_AGAIN_SECONDS);
  expect(await statusWith(api, unseen)).toBe(200);
  expect(await statusWith(api, known[0])).toBe(401);
  await back.kill();
});
