/**
 * Stands in a workflow for an argument that could not be decoded.
 *
 * `may_be_read_later`: another worker may have the key or the codec for it. `never`: the bytes are not what their encoding says, whoever
 * reads them.
 */
export class Unreadable {
  constructor(
    readonly prospect: 'may_be_read_later' | 'never',
    /** What is known of it. Holds nothing of the content. */
    readonly detail: string,
  ) {}
}
