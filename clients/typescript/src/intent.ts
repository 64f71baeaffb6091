/**
 * Something that a customer wants once: a booking, a payment, a change.
 *
 * Its key goes with the request and with every retry of it, so that it happens once, whatever is
 * lost on the way. An intent is plain JSON: keep it with what it is for, and a retry after a crash
 * or a reload is one, too.
 */
export interface Intent {
  /** 1 to 255 visible ASCII characters. */
  readonly key: string;
}

/**
 * Makes an intent with a key that nobody else has.
 *
 * Make one per thing wanted, before the first request for it; and another one after a problem whose
 * `retry` is `new_key`, such as a declined card.
 */
export function newIntent(): Intent {
  // `randomUUID` is missing in pages that did not come by https.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return { key: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') };
}
