import type { Payload } from '@temporalio/common';
import { z } from 'zod';

/** Payloads in protobuf's JSON form: every byte in base64. */
const JsonPayload = z.object({
  metadata: z.record(z.string(), z.base64()).optional(),
  data: z.base64().optional(),
});

type JsonPayload = z.infer<typeof JsonPayload>;

/** The command line leaves the field out if there are none. */
export const JsonPayloads = z.object({ payloads: z.array(JsonPayload).default([]) });

export function fromJson({ metadata, data }: JsonPayload): Payload {
  return {
    metadata: mapValues(metadata ?? {}, (text) => Buffer.from(text, 'base64')),
    ...(data === undefined ? {} : { data: Buffer.from(data, 'base64') }),
  };
}

export function toJson({ metadata, data }: Payload): JsonPayload {
  return {
    metadata: mapValues(metadata ?? {}, base64),
    ...(data === undefined || data === null ? {} : { data: base64(data) }),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
