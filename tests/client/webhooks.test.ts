import { createHmac, randomUUID } from 'node:crypto';
import { verifyWebhook, WebhookRefused } from '../../clients/typescript/src/webhooks';
import { signMessage } from '../../src/notifications/webhooks/message';

/** The client's verifier, held against what we sign. */

const secretOf = (letter: string) => `whsec_${Buffer.alloc(32, letter).toString('base64')}`;
const [OURS, NEXT, OTHER] = [secretOf('o'), secretOf('n'), secretOf('x')];

const MESSAGE = {
  id: randomUUID(),
  type: 'booking.booked',
  createdAt: '2026-11-26T10:00:00.000Z',
  sequence: 2,
  data: { booking: { passengers: [{ familyName: 'Ødegård' }] } },
};

/** A request as it is sent, signed so many seconds ago. */
function request(secrets = [OURS], { secondsAgo = 0 } = {}) {
  return signMessage(MESSAGE, secrets, new Date(Date.now() - secondsAgo * 1_000));
}

test('what we sign is verified, and is the event', () => {
  expect(verifyWebhook(request(), OURS)).toEqual(MESSAGE);
});

test.each([
  ['the new secret', NEXT],
  ['the old secret', OURS],
  ['both', [NEXT, OURS]],
])('while a secret is replaced, a receiver may know %s', (_, known) => {
  expect(verifyWebhook(request([NEXT, OURS]), known)).toEqual(MESSAGE);
});

test('a receiver who knows both is told by either', () => {
  for (const secret of [OURS, NEXT])
    expect(verifyWebhook(request([secret]), [OURS, NEXT])).toEqual(MESSAGE);
});

test('the body may be bytes, and the headers as any server has them', () => {
  const { body, headers } = request();
  const bytes = new TextEncoder().encode(body);
  expect(verifyWebhook({ body: bytes, headers: new Headers(headers) }, OURS)).toEqual(MESSAGE);
  const inCapitals = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
  );
  expect(verifyWebhook({ body: Buffer.from(body), headers: inCapitals }, OURS)).toEqual(MESSAGE);
  const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  expect(verifyWebhook({ body, headers: lists }, OURS)).toEqual(MESSAGE);
});

const refused = (received: { body: string | Uint8Array; headers: Record<string, string> }) =>
  expect(() => verifyWebhook(received, [OURS, NEXT])).toThrow(WebhookRefused);

describe('refused is', () => {
  test('what others have signed', () => {
    refused(request([OTHER]));
  });

  test('a body that was changed, by whatever little', () => {
    const { body, headers } = request();
    for (const changed of [body.replace('2', '3'), `${body} `, body.slice(0, -1), ''])
      refused({ body: changed, headers });
    // What a parser has made of it is not what came.
    refused({ body: JSON.stringify(JSON.parse(body), null, 1), headers });
  });

  test('a body that is no text', () => {
    const { body, headers } = request();
    refused({ body: Buffer.concat([Buffer.from(body), Buffer.from([0xff])]), headers });
  });

  test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])(
    'a request whose %s is missing, empty or another',
    (name) => {
      const { body, headers } = request();
      const { [name]: _, ...others } = headers;
      refused({ body, headers: others });
      for (const value of ['', 'x', '1', `${headers[name] ?? ''}0`])
        refused({ body, headers: { ...headers, [name]: value } });
    },
  );

  test('what was signed over five minutes ago, or is signed for later', () => {
    for (const secondsAgo of [-290, 0, 290])
      expect(verifyWebhook(request([OURS], { secondsAgo }), OURS)).toEqual(MESSAGE);
    for (const secondsAgo of [-310, 310]) refused(request([OURS], { secondsAgo }));
  });

  test('a signature of another version, or of none', () => {
    const { body, headers } = request();
    const bare = (headers['webhook-signature'] ?? '').replace('v1,', '');
    for (const signature of [bare, `v2,${bare}`, `v1${bare}`, 'v1,', ','])
      refused({ body, headers: { ...headers, 'webhook-signature': signature } });
  });

  test('a text that is signed, and is no event of ours', () => {
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const key = Buffer.alloc(32, 'o');
    const digest = createHmac('sha256', key).update(`a.${timestamp}.hello`).digest('base64');
    const headers = {
      'webhook-id': 'a',
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${digest}`,
    };
    refused({ body: 'hello', headers });
  });
});

test.each(['', 'whsec_'])('a secret that is none is no refusal: %j', (secret) => {
  expect(() => verifyWebhook(request(), secret)).not.toThrow(WebhookRefused);
  expect(() => verifyWebhook(request(), secret)).toThrow();
});
