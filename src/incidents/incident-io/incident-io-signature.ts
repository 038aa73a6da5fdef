/**
 * incident.io sends its webhooks through Svix, whose signatures are those of Standard Webhooks
 * (api-docs.incident.io/tag/Webhooks, docs.svix.com/receiving/verifying-payloads/how-manual); their headers may
 * still bear Svix's own names.
 */
import type { Delivery } from '../source.ts';
import { isSigned } from '../standard/standard-signature.ts';

/** By their standard names; all of one spelling, so that one cannot be signed and the other read. */
export function signedHeaders(headers: Delivery['headers']) {
  const prefix = headers['webhook-signature'] === undefined ? 'svix' : 'webhook';
  return {
    'webhook-id': headers[`${prefix}-id`] ?? '',
    'webhook-timestamp': headers[`${prefix}-timestamp`] ?? '',
    'webhook-signature': headers[`${prefix}-signature`] ?? '',
  };
}

export function isSignedByIncidentIo(delivery: Delivery, secrets: readonly string[]): boolean {
  return isSigned({ ...delivery, headers: signedHeaders(delivery.headers) }, secrets);
}
