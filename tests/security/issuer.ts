import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';

/**
 * An issuer of tokens, as a process of its own: `node --import tsx issuer.ts <port> <file>`. Its
 * keys are in the file, so that it is the same issuer when it is started again.
 *
 * `GET /keys` publishes them, `POST /token` signs claims with the newest, or with the one that
 * `?kid=` names; `POST /rotate` makes a new one, `POST /retire` gives up all but the newest.
 */

const ALGORITHM = 'ES256';
const [port = '0', file = ''] = process.argv.slice(2);

let keys: (JWK & { kid: string })[] = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as typeof keys)
  : [];

function keep(changed: typeof keys): void {
  keys = changed;
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
}

async function rotate(): Promise<{ kid: string }> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const kid = `key-${keys.length + 1}-${process.pid}`;
  keep([{ ...(await exportJWK(privateKey)), kid, alg: ALGORITHM, use: 'sig' }, ...keys]);
  return { kid };
}

async function sign(claims: Record<string, unknown>, wanted: string | null): Promise<string> {
  const key = keys.find(({ kid }) => wanted === null || kid === wanted);
  if (key === undefined) throw new Error(`There is no key ${String(wanted)}`);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, kid: key.kid })
    .setIssuedAt()
    .sign(await importJWK(key, ALGORITHM));
}

async function answer(req: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams } = new URL(req.url ?? '/', 'http://issuer');
  switch (`${req.method ?? ''} ${pathname}`) {
    case 'GET /keys':
      return { keys: keys.map(({ d: _, ...publicKey }) => publicKey) };
    case 'POST /rotate':
      return rotate();
    case 'POST /retire':
      keep(keys.slice(0, 1));
      return {};
    case 'POST /token': {
      const text = (await req.toArray()).join('');
      const claims = JSON.parse(text) as Record<string, unknown>;
      return { token: await sign(claims, searchParams.get('kid')) };
    }
    default:
      throw new Error(`The issuer knows no ${pathname}`);
  }
}

const server = createServer((req, res) => {
  answer(req).then(
    (body) => res.setHeader('content-type', 'application/json').end(JSON.stringify(body)),
    (error: unknown) => res.writeHead(500).end(String(error)),
  );
});

async function main(): Promise<void> {
  if (keys.length === 0) await rotate();
  server.listen(Number(port), '127.0.0.1', () => {
    console.log((server.address() as AddressInfo).port);
  });
}

void main();
