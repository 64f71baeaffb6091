/** RFC 6531: the characters of RFC 5322, and any beyond ASCII; dots only between others. */
const ATOM = "(?:[\\w!#$%&'*+/=?^`{|}~-]|\\P{ASCII})+";
const DOT_ATOM = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`, 'u');

const QUOTED = /^"(?:[ !#-[\]-~]|\P{ASCII}|\\[ -~])*"$/u;

/** Whether a text can stand before the `@` of an e-mail address. */
export function isLocalPart(text: string): boolean {
  return DOT_ATOM.test(text) || QUOTED.test(text);
}

/**
 * Returns the shortest spelling of what stands before the `@` of an address: with quotes, and
 * backslashes in them, only where they are needed. All spellings of one mailbox have the same (RFC
 * 5321, section 4.1.2). What is no local part stays as it is.
 */
export function shortestLocalPart(local: string): string {
  if (!QUOTED.test(local)) return local;
  const meant = local.slice(1, -1).replaceAll(/\\(.)/g, '$1');
  return DOT_ATOM.test(meant) ? meant : `"${meant.replaceAll(/["\\]/g, '\\$&')}"`;
}
