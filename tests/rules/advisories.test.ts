import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ROOT } from '../../scripts/stack/settings';
import { listen } from '../support/api';

/** CI’s look at security advisories fails when it should, and says when it could not look. */

const BULK = '/-/npm/v1/security/advisories/bulk';

/** An advisory of every version of a package. */
const advisory = (severity: string) => ({
  id: 1,
  url: 'https://advisories.example/1',
  title: 'Planted',
  severity,
  vulnerable_versions: '*',
  cwe: [],
  cvss: { score: 0 },
});

/** Runs CI’s step against a registry that answers so; returns what it was asked about, too. */
async function lookUp(answer: { status: number; body?: unknown }) {
  // npm keeps what it was told.
  const cache = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-advisories-'));
  let asked: Record<string, string[]> = {};
  const registry = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const sent = Buffer.concat(chunks);
      if (req.url === BULK) {
        const json = req.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
        asked = JSON.parse(json.toString()) as typeof asked;
      }
      res.statusCode = req.url === BULK ? answer.status : 404;
      res.setHeader('content-type', 'application/json').end(JSON.stringify(answer.body ?? {}));
    });
  });
  const url = await listen(registry);
  const child = spawn('node', [path.join(ROOT, '.ci/advisories.mjs')], {
    env: {
      ...process.env,
      npm_config_registry: url,
      npm_config_cache: cache,
      npm_config_fetch_retries: '0',
      npm_config_update_notifier: 'false',
    },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [exitCode] = (await once(child, 'close')) as [number];
  registry.closeAllConnections();
  registry.close();
  rmSync(cache, { recursive: true, force: true });
  return { exitCode, output, asked };
}

test('it asks about every package, and a serious advisory fails it', async () => {
  const { exitCode, output, asked } = await lookUp({
    status: 200,
    body: { jose: [advisory('high')] },
  });
  expect(exitCode).toBe(1);
  expect(output).toMatch(/^high: jose .*: Planted$/m);
  expect(Object.keys(asked)).toEqual(expect.arrayContaining(['express', 'jose', 'pg', 'jest']));
});

test('one that is not serious is shown, and fails nothing', async () => {
  const { exitCode, output } = await lookUp({
    status: 200,
    body: { jose: [advisory('moderate')] },
  });
  expect(exitCode).toBe(0);
  expect(output).toMatch(/^moderate: jose .*: Planted$/m);
});

test('a registry that knows no advisories is not taken for none', async () => {
  const { exitCode, output } = await lookUp({ status: 405 });
  expect(exitCode).toBe(75);
  expect(output).toContain('No source of advisories can be reached');
});
