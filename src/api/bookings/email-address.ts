import { domainToASCII, domainToUnicode } from 'node:url';
import { isLocalPart } from '../../domain/local-part';
import { hasUnseenCharacters } from '../../domain/visible-text';

/**
 * Limits of RFC 5321 and RFC 1035 in bytes: of a whole address, the part before `@`, a domain, and
 * one of its labels.
 */
const MAX = { address: 254, local: 64, domain: 253, label: 63 };

/** Any blank but a plain space, which a quoted part may have. */
const OTHER_BLANK = /[^\P{Z} ]/u;

/** Letters, digits and hyphens, and the signs that IDNA allows between some letters. */
const DOMAIN = /^(?:[\p{L}\p{M}\p{N}\u00b7\u0375\u05f3\u05f4\u30fb.-]|\u200c|\u200d)+$/u;

const LABEL = new RegExp(`^(?!-)[a-z0-9-]{1,${String(MAX.label)}}(?<!-)$`);

/**
 * Whether mail can be sent to an address, as RFC 6531 defines it: letters of any script on both
 * sides, quoted local parts too. A domain has at least two labels, and not only digits: IP
 * addresses are not accepted.
 */
export function isEmailAddress(address: string): boolean {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  return (
    at > 0 &&
    bytesOf(address) <= MAX.address &&
    bytesOf(local) <= MAX.local &&
    isLocalPart(local) &&
    !OTHER_BLANK.test(local) &&
    !hasUnseenCharacters(address) &&
    DOMAIN.test(domain) &&
    isDomain(domainToASCII(domain))
  );
}

/** Checks the domain's ASCII form, which is empty where IDNA has none. */
function isDomain(ascii: string): boolean {
  const labels = ascii.split('.');
  return (
    ascii.length <= MAX.domain &&
    labels.length >= 2 &&
    labels.every((label) => LABEL.test(label)) &&
    /\D/.test(labels.at(-1) ?? '') &&
    encodesUnicode(ascii)
  );
}

/**
 * Whether each `xn--` stands for letters that are written so. Node's URL parser checks no domain
 * that is all ASCII, from Node 24 on: it leaves a wrong one as it is.
 */
function encodesUnicode(ascii: string): boolean {
  const unicode = domainToUnicode(ascii);
  return !/(?:^|\.)xn--/.test(unicode) && domainToASCII(unicode) === ascii;
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
