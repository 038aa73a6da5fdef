/**
 * PagerDuty's signatures: `X-PagerDuty-Signature: v1=hex[,v1=hex]`, HMAC-SHA256 of the raw body, one for each
 * secret during a rotation (https://developer.pagerduty.com/docs/verifying-webhook-signatures). They carry no
 * time, so an old delivery verifies for ever: its event's id, which is signed, tells a repetition.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Delivery } from '../source.ts';

const HEADER = 'x-pagerduty-signature';
const MAX_HEADER = 2_000;
const MAX_SIGNATURES = 10;
const SIGNATURE = /^v1=([0-9a-f]{64})$/i;

/** Whether one of the signatures is by one of the secrets. Never throws. */
export function isSigned({ headers, rawBody }: Delivery, secrets: readonly string[]): boolean {
  const header = headers[HEADER];
  if (header === undefined || header.length > MAX_HEADER) return false;
  const given = header
    .split(',', MAX_SIGNATURES)
    .flatMap((each) => SIGNATURE.exec(each.trim())?.[1] ?? [])
    .map((hex) => Buffer.from(hex, 'hex'));
  if (given.length === 0) return false;
  return secrets.some((secret) => {
    const right = createHmac('sha256', secret).update(rawBody).digest();
    return given.some((one) => timingSafeEqual(one, right));
  });
}
