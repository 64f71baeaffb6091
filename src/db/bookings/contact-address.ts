import { domainToASCII } from 'node:url';
import { shortestLocalPart } from '../../domain/local-part';

/**
 * Returns an e-mail address in the one spelling in which it is kept, looked for and counted: no needless
 * quotes, and its domain as DNS has it. Only the case of letters may differ, which queries pass over.
 */
export function contactAddress(given: string): string {
  const at = given.lastIndexOf('@');
  const domain = domainToASCII(given.slice(at + 1));
  return at < 0 || domain === '' ? given : `${shortestLocalPart(given.slice(0, at))}@${domain}`;
}
