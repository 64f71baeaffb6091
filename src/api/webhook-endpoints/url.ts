import { isIP } from 'node:net';
import { z } from 'zod';
import { isPublicAddress } from '../../notifications/webhooks/public-address';

const MAX_URL_LENGTH = 2_048;

/** Where endpoints may be. */
export interface UrlRules {
  requireHttps: boolean;
  allowPrivate: boolean;
}

/** The URL of an endpoint. A host's addresses are checked whenever something is sent to it. */
export function endpointUrl({ requireHttps, allowPrivate }: UrlRules) {
  return z
    .string()
    .trim()
    .max(MAX_URL_LENGTH)
    .superRefine((text, context) => {
      const fault = faultOf(text, { requireHttps, allowPrivate });
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    })
    .meta({
      format: 'uri',
      description: 'https, without user name or fragment; its host has public addresses.',
      example: 'https://shop.example/hooks/flights',
    });
}

function faultOf(text: string, { requireHttps, allowPrivate }: UrlRules): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return 'This is not a URL of the web.';
  const url = new URL(text);
  if (requireHttps && url.protocol !== 'https:') return 'Only https is allowed.';
  if (url.username !== '' || url.password !== '') return 'A URL with a user name is not allowed.';
  if (url.hash !== '') return 'A URL with a fragment is not allowed.';
  if (!allowPrivate && isPrivate(url.hostname)) return 'Only public addresses are allowed.';
  return undefined;
}

/** Names that no name server of the internet resolves. */
const LOCAL_NAME = /(^|\.)(localhost|local|internal)\.?$/i;

function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? LOCAL_NAME.test(host) : !isPublicAddress(host);
}
