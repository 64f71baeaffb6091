import { randomBytes } from 'node:crypto';
import type { Payload } from '@temporalio/common';
import fc from 'fast-check';
import { createEncryptionCodec, UnreadablePayload } from './codec';

const keyOf = (id: string) => ({ id, key: randomBytes(32) });
const OLD = keyOf('2025');
const NEW = keyOf('2026');

function payloadOf(text: string): Payload {
  return { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(text) };
}

/** What the payload says, as bytes that can be compared. */
function contentOf({ metadata, data }: Payload) {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, hex(value)]);
  return { metadata: Object.fromEntries(entries) as unknown, data: hex(data ?? []) };
}

function hex(bytes: Iterable<number>): string {
  return Buffer.from([...bytes]).toString('hex');
}

const anyPayload: fc.Arbitrary<Payload> = fc.record({
  metadata: fc.dictionary(fc.string(), fc.uint8Array()),
  data: fc.uint8Array({ maxLength: 500 }),
});

test('whatever is encrypted comes back as it was, in order', async () => {
  const codec = createEncryptionCodec([NEW]);
  await fc.assert(
    fc.asyncProperty(fc.array(anyPayload), async (payloads) => {
      const decoded = await codec.decode(await codec.encode(payloads));
      expect(decoded.map(contentOf)).toEqual(payloads.map(contentOf));
    }),
  );
});

test('in clear there is the name of the key and nothing of the payload; the same text never looks the same', async () => {
  const codec = createEncryptionCodec([NEW]);
  const sent = [payloadOf('"Ada Lovelace"'), payloadOf('"Ada Lovelace"')];
  const [one, other] = await codec.encode(sent);
  const { encoding, ...metadata } = one?.metadata ?? {};
  expect(encoding?.toString()).toBe('binary/encrypted');
  expect(metadata).toEqual({ 'encryption-key-id': Buffer.from('2026') });
  expect(Buffer.from(one?.data ?? []).toString('latin1')).not.toMatch(/Ada|json/);
  expect(hex(one?.data ?? [])).not.toBe(hex(other?.data ?? []));
});

test('while keys are rotated, the first one encrypts and each one decrypts', async () => {
  const before = await createEncryptionCodec([OLD]).encode([payloadOf('"before"')]);
  const rotated = createEncryptionCodec([NEW, OLD]);
  const after = await rotated.encode([payloadOf('"after"')]);
  const decoded = await rotated.decode([...before, ...after]);
  expect(decoded.map(({ data }) => data?.toString())).toEqual(['"before"', '"after"']);
  await expect(createEncryptionCodec([NEW]).decode(after)).resolves.toHaveLength(1);
});

test('what other services send unencrypted is read as it is', async () => {
  const sent = [payloadOf('{"amount":1}'), {}];
  expect(await createEncryptionCodec([NEW]).decode(sent)).toEqual(sent);
});

test('a key that is gone is named', async () => {
  const [payload = {}] = await createEncryptionCodec([OLD]).encode([payloadOf('"Ada Lovelace"')]);
  const reading = createEncryptionCodec([NEW]).decode([payload]);
  await expect(reading).rejects.toThrow(UnreadablePayload);
  await expect(reading).rejects.toThrow('encrypted with the key "2025", which is not known');
});

test('a payload in which any one bit is another one is refused, and nothing of it is told', async () => {
  const codec = createEncryptionCodec([NEW]);
  const [payload = {}] = await codec.encode([payloadOf('"Ada Lovelace"')]);
  const sound = Buffer.from(payload.data ?? []);
  for (let bit = 0; bit < sound.length * 8; bit += 1) {
    const data = Buffer.from(sound);
    data[bit >> 3] = (data[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const reading = codec.decode([{ ...payload, data }]);
    await expect(reading).rejects.toThrow(
      /^A payload is not what was encrypted with the key "2026"/,
    );
  }
});

test.each([0, 1, 11, 12, 27, 28])('%d bytes are no payload', async (length) => {
  const codec = createEncryptionCodec([NEW]);
  const [payload = {}] = await codec.encode([payloadOf('"Ada Lovelace"')]);
  const cut = { ...payload, data: payload.data?.subarray(0, length) ?? null };
  await expect(codec.decode([cut])).rejects.toThrow(UnreadablePayload);
});

test('the name of the key is protected, too: under another one the same key does not open it', async () => {
  const [payload = {}] = await createEncryptionCodec([OLD]).encode([payloadOf('"Ada Lovelace"')]);
  const metadata = { ...payload.metadata, 'encryption-key-id': Buffer.from('2026') };
  const codec = createEncryptionCodec([{ ...OLD, id: '2026' }]);
  await expect(codec.decode([{ ...payload, metadata }])).rejects.toThrow(UnreadablePayload);
});
