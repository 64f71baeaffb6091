/**
 * One check: an invariant of the books, and the query that finds what violates it in a batch.
 *
 * The query selects `id`, as people read it, and `subject`: the key under which it is checked
 * again. Its placeholders name the batch, so that no statement reads a whole table.
 */
export interface Check {
  invariant: string;
  batch: BatchKind;
  query: string;
  /** The kind of `subject`, where it differs from the batch's. */
  keptAs?: SubjectKind;
}

/** What can be checked by its key: the placeholder `:ids` holds keys of one kind. */
export type SubjectKind = KeyedKind | 'caller';

/** Kinds with one row for each key; the last two are the sandbox provider's. */
export type KeyedKind = 'booking' | 'payment' | 'flight' | 'provider_payment' | 'provider_refund';

/**
 * How a batch is named: by keys; `answers` by a range of idempotency keys; `recent` by the time at
 * which rows without events were written. `open` is one batch, of partial indexes.
 */
export type BatchKind = KeyedKind | 'answers' | 'recent' | 'open';

/** The form of our IDs where they stand among other text: only such text is read as an ID. */
export const UUID = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
