/**
 * The public keys that Microsoft signs Teams' requests with. Found by the OpenID metadata document, kept for
 * an hour, then fetched anew while the old ones still serve; after a day without an answer they serve no more.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { createBoundedFetch } from '../../net/bounded-fetch.ts';
import { describeError } from '../../observability/describe-error.ts';
import type { Log } from '../../observability/log.ts';

const HOUR_MS = 3_600_000;
const RENEW_AFTER_MS = HOUR_MS;
const TRUST_FOR_MS = 24 * HOUR_MS;
/** Tokens that name unknown keys cost at most one fetch in this time. */
const FETCH_EVERY_MS = 10_000;
const MAX_DOCUMENT_BYTES = 256 * 1024;
const MIN_KEY_BITS = 2048;

const metadata = z.object({ jwks_uri: z.url({ protocol: /^https?$/ }).max(2000) });
const keySet = z.object({ keys: z.array(z.unknown()).max(500) });
const rsaKey = z.object({
  kid: z.string().min(1).max(200),
  kty: z.literal('RSA'),
  n: z.string().max(2000),
  e: z.string().max(20),
  endorsements: z.array(z.string().max(100)).max(100).nullish(),
});

export interface SigningKey {
  readonly key: KeyObject;
  /** Channels that it speaks for; empty: any. */
  readonly endorsements: readonly string[];
}

export interface SigningKeys {
  /** Null: no such key. `unavailable`: it cannot be known now. Never rejects, and takes at most `withinMs`. */
  find(kid: string): Promise<SigningKey | 'unavailable' | null>;
}

export function createSigningKeys(options: {
  metadataUrl: string;
  withinMs: number;
  /** Real time, ms. */
  now: () => number;
  log: Pick<Log, 'warn'>;
}): SigningKeys {
  const { metadataUrl, withinMs, now, log } = options;
  let known: { readonly keys: ReadonlyMap<string, SigningKey>; readonly since: number } | null = null;
  let lastTry: { readonly at: number; readonly failed: boolean } | null = null;
  let underWay: Promise<void> | null = null;

  async function fetchAll(): Promise<void> {
    const at = now();
    try {
      const signal = AbortSignal.timeout(withinMs);
      const { jwks_uri } = metadata.parse(await fetchJson(metadataUrl, signal));
      if (metadataUrl.startsWith('https:') && !jwks_uri.startsWith('https:')) throw new Error('not https');
      const { keys } = keySet.parse(await fetchJson(jwks_uri, signal));
      known = { keys: new Map(keys.flatMap(readKey)), since: at };
      lastTry = { at, failed: false };
    } catch (error) {
      lastTry = { at, failed: true };
      log.warn(describeError(error), 'The keys that Teams signs with could not be fetched.');
    }
  }

  /** All who need it wait for the same fetch. */
  function renew(): Promise<void> {
    underWay ??= fetchAll().finally(() => {
      underWay = null;
    });
    return underWay;
  }

  const current = () => (known && now() - known.since < TRUST_FOR_MS ? known : null);
  const mayFetch = () => !lastTry || now() - lastTry.at >= FETCH_EVERY_MS;

  return {
    async find(kid) {
      const found = current()?.keys.get(kid);
      if (found) {
        if (known && now() - known.since >= RENEW_AFTER_MS && mayFetch()) void renew();
        return found;
      }
      if (underWay || !current() || mayFetch()) await renew();
      return current()?.keys.get(kid) ?? (!current() || lastTry?.failed ? 'unavailable' : null);
    },
  };
}

const boundedFetch = createBoundedFetch({ maxBytes: MAX_DOCUMENT_BYTES });

async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await boundedFetch(url, { signal, headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.json();
}

/** A key that is of no use here is left out, and does not cost us the others. */
function readKey(listed: unknown): [string, SigningKey][] {
  const parsed = rsaKey.safeParse(listed);
  if (!parsed.success) return [];
  const { kid, kty, n, e, endorsements } = parsed.data;
  try {
    const key = createPublicKey({ key: { kty, n, e }, format: 'jwk' });
    if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_KEY_BITS) return [];
    return [[kid, { key, endorsements: endorsements ?? [] }]];
  } catch {
    return [];
  }
}
