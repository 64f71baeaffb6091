import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { signMessage } from '../../src/notifications/webhooks/message';

/** What docs/webhooks.md prints for receivers without our scheme's library. */

const secretOf = (letter: string) => `whsec_${Buffer.alloc(32, letter).toString('base64')}`;

/** The lines that verify a request with openssl. */
function printedVerifier(): string {
  const page = readFileSync(path.join(ROOT, 'docs/webhooks.md'), 'utf8');
  const [, block = ''] = /^```sh\n(key=.*?)^```$/ms.exec(page) ?? [];
  return block;
}

/** Verifies a message that was signed with these secrets, as a receiver who knows one. */
function verified(signedWith: string[], known: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-verifier-'));
  const message = {
    id: 'event-1',
    type: 'ping',
    createdAt: '2026-11-26T10:00:00.000Z',
    sequence: null,
    data: { booking: { passengers: [{ familyName: 'Ødegård' }] } },
  };
  const { body, headers } = signMessage(message, signedWith, new Date());
  writeFileSync(path.join(folder, 'body.json'), body);
  try {
    return execFileSync('bash', ['-c', printedVerifier()], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        WEBHOOK_SECRET: known,
        id: headers['webhook-id'],
        timestamp: headers['webhook-timestamp'],
        signature: headers['webhook-signature'],
      },
    }).trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('the verifier with openssl accepts what we sign, also while a secret is replaced, and nothing else', () => {
  const [one, next, other] = [secretOf('a'), secretOf('b'), secretOf('c')];
  expect(verified([one], one)).toBe('verified');
  expect(verified([next, one], one)).toBe('verified');
  expect(verified([next, one], next)).toBe('verified');
  expect(verified([next, one], other)).toBe('refused');
});
