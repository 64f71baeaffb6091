import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openApiDocument } from '../../src/api/openapi/document';

const MESSAGES = path.resolve(__dirname, '../../src/workflows/booking/messages');

/** The operations of the API that send each kind of message to a booking's workflow. */
const SENT_BY: Record<string, string[]> = {
  'amendments.ts': ['correctName', 'chooseSeats'],
  'cancellations.ts': ['cancelBooking'],
  'card-payments.ts': ['payBooking'],
  'changes.ts': ['changeBooking'],
  'schedule-changes.ts': ['acceptScheduleChange'],
};

/** Only operators send these, from Temporal's UI. */
const OF_OPERATORS = ['retries.ts'];

const sources = new Map(
  readdirSync(MESSAGES).map((file) => [file, readFileSync(path.join(MESSAGES, file), 'utf8')]),
);

function refusalsIn(file: string): string[] {
  return [...(sources.get(file) ?? '').matchAll(/\brefuse\(\s*'(\w+)'/g)].map(([, code]) => code!);
}

test('each message that may be refused is sent by an operation, or by operators', () => {
  const refusing = [...sources.keys()].filter((file) => /\brefuse\(/.test(sources.get(file)!));
  expect(refusing.sort()).toEqual([...Object.keys(SENT_BY), ...OF_OPERATORS].sort());
});

test.each(Object.entries(SENT_BY))('what %s refuses is documented by %p', (file, operations) => {
  const all = Object.values(openApiDocument().paths ?? {}).flatMap((methods) =>
    Object.values(methods as Record<string, { operationId: string; responses: object }>),
  );
  const codes = refusalsIn(file);
  expect(codes).not.toEqual([]);
  for (const operationId of operations) {
    const operation = all.find((one) => one.operationId === operationId);
    const documented = JSON.stringify(operation?.responses);
    const missing = codes.filter((code) => !documented.includes(`\`${code}\``));
    expect({ operationId, missing }).toEqual({ operationId, missing: [] });
  }
});
