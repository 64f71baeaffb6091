import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import {
  DeliveryLine,
  FaultLine,
  FinalBookingLine,
  FinalSeatsLine,
  KEPT_HEADERS,
  MailLine,
  OperationLine,
  ProbeLine,
  ProviderBooks,
  Run,
  type Response,
} from './format';

type Line<T> = T extends unknown ? Omit<T, 'at' | 'wall'> : never;
export type FinalRead = 'bookings' | 'payments' | 'events';

export type HistoryWriter = ReturnType<typeof writeHistory>;

/**
 * Writes the history of a run into a folder, line by line as it happens: whoever kills the recorder
 * finds all that happened so far.
 *
 * Each line is stamped here, in milliseconds since this was called, and checked against the format:
 * throws where a line is not of the format, so that a run doesn't end with a history that nobody
 * can read.
 */
export function writeHistory(folder: string) {
  const beganAt = performance.now();
  const files = new Map<string, number>();
  const stamp = () => ({ at: performance.now() - beganAt, wall: new Date().toISOString() });

  function append(file: string, line: unknown): void {
    let open = files.get(file);
    if (open === undefined) {
      const name = path.join(folder, file);
      mkdirSync(path.dirname(name), { recursive: true });
      open = openSync(name, 'a');
      files.set(file, open);
    }
    writeSync(open, `${JSON.stringify(line)}\n`);
  }

  return {
    folder,
    /** Milliseconds since the beginning. */
    now: () => stamp().at,
    operation: (line: Line<OperationLine>) => {
      append('operations.jsonl', OperationLine.parse({ ...stamp(), ...line }));
    },
    fault: (line: Line<FaultLine>) => {
      append('faults.jsonl', FaultLine.parse({ ...stamp(), ...line }));
    },
    probe: (line: Line<ProbeLine>) => {
      append('probes.jsonl', ProbeLine.parse({ ...stamp(), ...line }));
    },
    received: (receiver: string, line: Line<DeliveryLine>) => {
      append(`receivers/${receiver}.jsonl`, DeliveryLine.parse({ ...stamp(), ...line }));
    },
    mail: (line: Line<MailLine>) => {
      append('mails.jsonl', MailLine.parse({ ...stamp(), ...line }));
    },
    finalRead: (what: FinalRead, line: Line<FinalBookingLine>) => {
      append(`final/${what}.jsonl`, FinalBookingLine.parse({ ...stamp(), ...line }));
    },
    finalSeats: (line: Line<FinalSeatsLine>) => {
      append('final/seats.jsonl', FinalSeatsLine.parse({ ...stamp(), ...line }));
    },
    providerBooks: (books: ProviderBooks) => {
      writeWhole(folder, 'provider.json', ProviderBooks.parse(books));
    },
    /** The last to be written: a folder without it is of a run that broke off. */
    run: (run: Run) => {
      writeWhole(folder, 'run.json', Run.parse(run));
    },
    close: () => {
      for (const file of files.values()) closeSync(file);
      files.clear();
    },
  };
}

function writeWhole(folder: string, file: string, content: unknown): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, file), `${JSON.stringify(content, null, 2)}\n`);
}

/** A response as the history keeps it; `bytes` is its body as it came. */
export function recordedResponse(
  status: number,
  headers: Headers | Record<string, string | undefined>,
  bytes: Uint8Array,
): Response {
  const kept = KEPT_HEADERS.flatMap((name) => {
    const value = headers instanceof Headers ? headers.get(name) : headers[name];
    return value ? [[name, value] as const] : [];
  });
  return {
    status,
    headers: Object.fromEntries(kept),
    body: Buffer.from(bytes).toString(),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}
