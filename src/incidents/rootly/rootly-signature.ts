/**
 * `X-Rootly-Signature: t=1492774588,v1=<hex>`: HMAC-SHA256 of the timestamp and, with nothing between them, the
 * raw body (docs.rootly.com/configuration/webhooks, "Verifying Webhooks").
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Delivery } from '../source.ts';

const TOLERANCE_MS = 5 * 60_000;
/** Always ten digits: with nothing between, a digit could else be moved from the timestamp into the body. */
const TIMESTAMP = /^t=(\d{10})$/;
const SIGNATURE = /^v1=([0-9a-f]{64})$/;

/** @param secrets any of which may have signed. */
export function createRootlySignature(secrets: readonly string[]) {
  return ({ headers, rawBody, receivedAt }: Delivery): boolean => {
    const parts = (headers['x-rootly-signature'] ?? '').split(',').map((part) => part.trim());
    const timestamps = parts.flatMap((part) => TIMESTAMP.exec(part)?.[1] ?? []);
    const given = parts
      .flatMap((part) => SIGNATURE.exec(part)?.[1] ?? [])
      .map((hex) => Buffer.from(hex, 'hex'));
    const [timestamp] = timestamps;
    if (timestamp === undefined || timestamps.length > 1) return false;
    if (Math.abs(receivedAt.getTime() - Number(timestamp) * 1000) > TOLERANCE_MS) return false;
    return secrets.some((secret) => {
      const expected = createHmac('sha256', secret).update(timestamp).update(rawBody).digest();
      return given.some((each) => timingSafeEqual(each, expected));
    });
  };
}
