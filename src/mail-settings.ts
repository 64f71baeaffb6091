/** How the settings of mail are written. */

/** How a mail server is reached. */
export interface SmtpServer {
  host: string;
  port: number;
  /** Whether TLS is on from the first byte (`smtps`). */
  isSecure: boolean;
  /** Whether mails are only sent once STARTTLS has encrypted the connection. */
  requiresTls: boolean;
  login: { user: string; password: string } | null;
}

/** Who sends mails: a name that people read, and an address. */
export interface Sender {
  name: string;
  address: string;
}

/** Ports of message submission: with STARTTLS (RFC 6409), with TLS from the start (RFC 8314). */
const DEFAULT_PORTS = { 'smtp:': 587, 'smtps:': 465 };

/**
 * Reads the URL of a mail server: `smtps://user:password@host`, or `smtp://host:port`, to which
 * `?requireTLS=true` may be added. Returns undefined for anything else.
 */
export function parseSmtpUrl(text: string): SmtpServer | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, username, password, pathname, hash, searchParams } = new URL(
    text,
  );
  if (protocol !== 'smtp:' && protocol !== 'smtps:') return undefined;
  if (hostname === '' || !['', '/'].includes(pathname) || hash !== '') return undefined;
  const options = [...searchParams].map(([name, value]) => `${name}=${value}`);
  if (!options.every((option) => option === 'requireTLS=true')) return undefined;
  const [user, secret] = [decoded(username), decoded(password)];
  if (user === undefined || secret === undefined) return undefined;
  if ((user === '') !== (secret === '')) return undefined;
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? DEFAULT_PORTS[protocol] : Number(port),
    isSecure: protocol === 'smtps:',
    requiresTls: options.length > 0,
    login: user === '' ? null : { user, password: secret },
  };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** Shown beside an address that comes without a name. */
const DEFAULT_NAME = 'Flight Bookings';

const ADDRESS = String.raw`[^\s<>"@,;]+@[^\s<>"@,;]+`;
const BARE = new RegExp(`^${ADDRESS}$`);
const NAMED = new RegExp(String.raw`^"?([^"<>\r\n]*[^"<>\s])"?\s*<(${ADDRESS})>$`);

/**
 * Reads who sends mails: `Airline <mail@airline.example>`, or an address alone. Returns undefined
 * for anything else.
 */
export function parseSender(text: string): Sender | undefined {
  if (BARE.test(text)) return { name: DEFAULT_NAME, address: text };
  const [, name, address] = NAMED.exec(text) ?? [];
  return name === undefined || address === undefined ? undefined : { name, address };
}
