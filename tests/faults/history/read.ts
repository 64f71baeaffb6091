import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import {
  DeliveryLine,
  FaultLine,
  FinalBookingLine,
  FinalSeatsLine,
  MailLine,
  OperationLine,
  ProbeLine,
  ProviderBooks,
  Run,
  type FaultKind,
  type OperationKind,
  type Response,
} from './format';

/** One request from its sending to its end. */
export interface Operation {
  id: string;
  client: number;
  kind: OperationKind;
  key: string | undefined;
  attempt: number;
  request: { method: string; path: string; body?: unknown };
  /** Milliseconds since the run began. */
  sentAt: number;
  /** When the answer was there, or when it was certain that none comes. */
  endedAt: number;
  /** Undefined when no answer came: whether it took effect is unknown, also long after its end. */
  response: Response | undefined;
  /** Why no answer came; undefined where one did. */
  error: string | undefined;
}

export interface Fault {
  id: string;
  kind: FaultKind;
  target: string;
  begunAt: number;
  endedAt: number;
  details: Record<string, unknown>;
}

/** All that the checker knows of a run. */
export interface History {
  run: Run;
  operations: Operation[];
  faults: Fault[];
  probes: ProbeLine[];
  provider: ProviderBooks;
  /** By the receiver's name. */
  deliveries: Map<string, DeliveryLine[]>;
  mails: MailLine[];
  final: {
    bookings: FinalBookingLine[];
    payments: FinalBookingLine[];
    events: FinalBookingLine[];
    seats: FinalSeatsLine[];
  };
}

/**
 * Reads a run's folder.
 *
 * @throws Error naming file and line where something is not of the format, or where the run broke
 *   off before its history was complete.
 */
export function readHistory(folder: string): History {
  const run = readWhole(folder, 'run.json', Run);
  const lines = <T>(file: string, schema: z.ZodType<T>) => readLines(folder, file, schema);
  return {
    run,
    operations: pairOperations(lines('operations.jsonl', OperationLine), run.calmAt),
    faults: pairFaults(lines('faults.jsonl', FaultLine), run.healedAt),
    probes: lines('probes.jsonl', ProbeLine),
    provider: readWhole(folder, 'provider.json', ProviderBooks),
    deliveries: new Map(
      run.receivers.map(({ name }) => [name, lines(`receivers/${name}.jsonl`, DeliveryLine)]),
    ),
    mails: lines('mails.jsonl', MailLine),
    final: {
      bookings: lines('final/bookings.jsonl', FinalBookingLine),
      payments: lines('final/payments.jsonl', FinalBookingLine),
      events: lines('final/events.jsonl', FinalBookingLine),
      seats: lines('final/seats.jsonl', FinalSeatsLine),
    },
  };
}

function readWhole<T>(folder: string, file: string, schema: z.ZodType<T>): T {
  const name = path.join(folder, file);
  if (!existsSync(name)) throw new Error(`${folder} is not the history of a whole run: no ${file}`);
  return parse(readFileSync(name, 'utf8'), schema, file);
}

/** A file in which there is nothing need not be there. */
function readLines<T>(folder: string, file: string, schema: z.ZodType<T>): T[] {
  const name = path.join(folder, file);
  if (!existsSync(name)) return [];
  return readFileSync(name, 'utf8')
    .split('\n')
    .map((text, index) => ({ text, where: `${file}:${index + 1}` }))
    .filter(({ text }) => text !== '')
    .map(({ text, where }) => parse(text, schema, where));
}

function parse<T>(text: string, schema: z.ZodType<T>, where: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${where} is not of the format: ${(error as Error).message}`, { cause: error });
  }
}

function pairOperations(lines: OperationLine[], calmAt: number): Operation[] {
  const operations = new Map<string, Operation>();
  for (const line of lines) {
    if (line.event === 'sent') {
      if (operations.has(line.id)) throw new Error(`Operation ${line.id} is sent twice`);
      operations.set(line.id, {
        id: line.id,
        client: line.client,
        kind: line.kind,
        key: line.key,
        attempt: line.attempt,
        request: line.request,
        sentAt: line.at,
        // What has no end when all is calm was given up by its client.
        endedAt: Math.max(line.at, calmAt),
        response: undefined,
        error: 'the run ended',
      });
      continue;
    }
    const operation = operations.get(line.id);
    if (operation === undefined) throw new Error(`Operation ${line.id} ends and was never sent`);
    operation.endedAt = line.at;
    operation.response = line.event === 'answered' ? line.response : undefined;
    operation.error = line.event === 'lost' ? line.error : undefined;
  }
  return [...operations.values()];
}

/** A fault without an end lasts until all was healed. */
function pairFaults(lines: FaultLine[], healedAt: number): Fault[] {
  const faults = new Map<string, Fault>();
  for (const { id, kind, target, event, at, details } of lines) {
    const begun = faults.get(id);
    if (event === 'begun')
      faults.set(id, { id, kind, target, begunAt: at, endedAt: Math.max(at, healedAt), details });
    else if (begun === undefined) throw new Error(`Fault ${id} ends and was never begun`);
    else faults.set(id, { ...begun, endedAt: at, details: { ...begun.details, ...details } });
  }
  return [...faults.values()];
}
