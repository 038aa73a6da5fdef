/**
 * Signatures of Standard Webhooks, `webhook-signature: v1,base64[ v1,base64]`: HMAC-SHA256 over
 * `id.timestamp.body` (github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 * Over the bytes as they came: the `standardwebhooks` package reads them as text first, so that to it different
 * bytes that are no UTF-8 are one body.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Delivery } from '../source.ts';

const TOLERANCE_S = 5 * 60;
const MAX_HEADER = 2_000;
const MAX_SIGNATURES = 10;
const PREFIX = 'whsec_';
const SIGNATURE = /^v1,([A-Za-z0-9+/]{43}=)$/;

/** `whsec_` and 24 to 64 bytes in base64. */
export function isSigningSecret(text: string): boolean {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text)) return false;
  const { length } = keyOf(text);
  return length >= 24 && length <= 64;
}

/** Whether one of the signatures is by one of the secrets, and at most 5 minutes off. Never throws. */
export function isSigned({ headers, rawBody, receivedAt }: Delivery, secrets: readonly string[]): boolean {
  const id = headers['webhook-id'] ?? '';
  const timestamp = headers['webhook-timestamp'] ?? '';
  const signatures = headers['webhook-signature'] ?? '';
  if (id === '' || id.length > MAX_HEADER || signatures.length > MAX_HEADER) return false;
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(receivedAt.getTime() / 1000 - Number(timestamp)) > TOLERANCE_S) return false;
  const given = signatures
    .split(' ', MAX_SIGNATURES)
    .flatMap((each) => SIGNATURE.exec(each)?.[1] ?? [])
    .map((base64) => Buffer.from(base64, 'base64'));
  if (given.length === 0) return false;
  return secrets.some((secret) => {
    const right = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(rawBody).digest();
    return given.some((one) => timingSafeEqual(one, right));
  });
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), 'base64');
}
