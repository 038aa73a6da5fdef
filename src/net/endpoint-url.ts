import { z } from 'zod';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * An address that Curfew sends secrets to: https, or http to this machine only; no user, password or
 * fragment in it, since addresses end up in logs.
 */
export const endpointUrl = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .refine((text) => isEndpoint(text), {
    error: 'must be https (http only for this machine), without a user, password or #fragment',
  });

/** The same question, of an address that comes from elsewhere. */
export function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const encrypted = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
  return encrypted && url.username === '' && url.password === '' && url.hash === '';
}
