import { Query, type Client, type Connection, type Submittable } from 'pg';

/** What the driver writes as it is. A value that it can't write would end a batch halfway. */
export type Value = string | number | boolean | Date | null | readonly string[];

/** A statement and its values, ready to be sent. */
export interface Call<Row> {
  name: string;
  text: string;
  values: Value[];
  /** Only a type: the columns that it returns. */
  row?: Row;
}

/** The rows that each of several calls returns. */
export type RowsOf<Calls extends readonly Call<unknown>[]> = {
  -readonly [I in keyof Calls]: Calls[I] extends Call<infer Row> ? Row[] : never;
};

/**
 * Sends prepared statements in one round trip. PostgreSQL runs them in this order, and each sees
 * what was committed before it began. Returns their rows.
 *
 * One that fails ends the batch: those after it are not run. Outside of a transaction the batch is
 * one of its own, so all take effect or none.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export async function send<const Calls extends readonly Call<unknown>[]>(
  connection: Client,
  calls: Calls,
): Promise<RowsOf<Calls>> {
  const query = connection.query.bind(connection) as unknown as SendBatch;
  try {
    return await new Promise<RowsOf<Calls>>((resolve, reject) => {
      query(new Batch(calls), (error, rows) => {
        if (error) reject(error);
        else resolve(rows as RowsOf<Calls>);
      });
    });
  } catch (error) {
    // Its own stack leads to the driver's socket, not to the code that sent the statements.
    if (error instanceof Error) Error.captureStackTrace(error);
    throw error;
  }
}

type SendBatch = (batch: Batch, done: BatchDone) => void;
type BatchDone = (error: Error | null | undefined, rows?: unknown[][]) => void;

/** A query of the driver, with what the driver calls as messages for it arrive. */
type Part = Query & {
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
  handleReadyForQuery(connection: Connection): void;
};

/** What of the driver's connection its types leave out. */
type Wire = Connection & { submittedNamedStatements: Record<string, string> };

/**
 * Several queries of the driver that it takes for one: they are sent together, with the message that
 * ends a round trip only after the last.
 */
class Batch implements Submittable {
  /** Set by the driver. */
  callback!: BatchDone;
  private readonly parts: Part[];
  private readonly rows: unknown[][] = [];
  private current = 0;
  private failure: Error | undefined;

  constructor(readonly calls: readonly Call<unknown>[]) {
    this.parts = calls.map(({ name, text, values }) => {
      const query = new Query({ name, text, values }, (error, result) => {
        if (error) this.failure ??= error;
        else this.rows.push(result.rows as unknown[]);
      });
      return query as Part;
    });
  }

  /** Under this name the driver remembers what PostgreSQL has just parsed. */
  get name(): string | undefined {
    return this.calls[this.current]?.name;
  }

  get text(): string | undefined {
    return this.calls[this.current]?.text;
  }

  submit(connection: Connection): void {
    const withoutSync = Object.create(connection, {
      sync: { value: () => undefined },
    }) as Connection;
    connection.stream.cork();
    try {
      for (const part of this.parts)
        part.submit(part === this.parts.at(-1) ? connection : withoutSync);
    } finally {
      connection.stream.uncork();
    }
  }

  handleRowDescription(message: unknown): void {
    this.part.handleRowDescription(message);
  }

  handleDataRow(message: unknown): void {
    this.part.handleDataRow(message);
  }

  handleCommandComplete(message: unknown, connection: Connection): void {
    this.part.handleCommandComplete(message, connection);
    this.current += 1;
  }

  handleReadyForQuery(connection: Connection): void {
    for (const part of this.parts) part.handleReadyForQuery(connection);
    this.callback(this.failure, this.rows);
  }

  /** PostgreSQL has not parsed what comes after a statement that failed. */
  handleError(error: Error, connection: Wire): void {
    for (const { name } of this.calls)
      Reflect.deleteProperty(connection.submittedNamedStatements, name);
    this.callback(error);
  }

  private get part(): Part {
    const part = this.parts[this.current];
    if (part === undefined) throw new Error('Bug: a message for no statement of the batch');
    return part;
  }
}
