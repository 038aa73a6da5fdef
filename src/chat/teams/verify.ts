/**
 * Whether a request comes from Teams: the seven checks that Microsoft asks of a bot, in this file and in
 * listener.ts, which compares the claims with the body. Not botbuilder's own check: that one also takes
 * tokens of emulators and other bots, waits for ever for keys, and prints to the console.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
import { verify as verifySignature } from 'node:crypto';
import { z } from 'zod';
import type { TeamsCredentials } from '../../config/environment.ts';
import type { Log } from '../../observability/log.ts';
import { createSigningKeys } from './signing-keys.ts';

const BOT_CONNECTOR = {
  name: 'https://api.botframework.com',
  metadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
};
export const CHANNEL = 'msteams';
const MAX_CLOCK_SKEW_S = 300;
const MAX_TOKEN = 16_384;
const METADATA_WITHIN_MS = 5_000;
const HASHES = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' } as const;

const header = z.object({
  alg: z.enum(['RS256', 'RS384', 'RS512']),
  kid: z.string().min(1).max(200),
  /** Extensions that one has to understand: we understand none. */
  crit: z.undefined().optional(),
});
const claims = z.object({
  iss: z.string(),
  aud: z.string(),
  exp: z.number(),
  nbf: z.number().optional(),
  serviceurl: z.string().min(1).max(500),
});

/** `unavailable`: it cannot be told now, since the signer's keys cannot be had. */
export type Verdict =
  | { readonly kind: 'genuine'; readonly serviceUrl: string }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'unavailable' };

/** Never rejects. */
export type Verify = (authorization: string | undefined) => Promise<Verdict>;

export function createVerify(options: {
  credentials: TeamsCredentials;
  log: Pick<Log, 'warn'>;
  /** Real time, ms. */
  now?: () => number;
  /** The longest that the signer's keys are waited for. */
  metadataWithinMs?: number;
}): Verify {
  const { credentials, log, now = Date.now, metadataWithinMs = METADATA_WITHIN_MS } = options;
  const issuer = credentials.issuer ?? BOT_CONNECTOR;
  const keys = createSigningKeys({
    metadataUrl: issuer.metadataUrl,
    withinMs: metadataWithinMs,
    now,
    log,
  });

  return async (authorization) => {
    const token = readToken(authorization);
    if (!token) return refused('no token');
    const { head, said } = token;
    // What is refused in any case costs nobody a look at the keys.
    if (said.iss !== issuer.name) return refused('issuer');
    if (said.aud !== credentials.appId) return refused('audience');
    const nowS = now() / 1000;
    if (said.exp + MAX_CLOCK_SKEW_S <= nowS) return refused('expired');
    if (said.nbf !== undefined && said.nbf - MAX_CLOCK_SKEW_S > nowS) return refused('not yet valid');

    const found = await keys.find(head.kid);
    if (found === 'unavailable') return { kind: 'unavailable' };
    if (!found) return refused('unknown key');
    if (!verifySignature(HASHES[head.alg], token.signed, found.key, token.signature)) {
      return refused('signature');
    }
    if (found.endorsements.length > 0 && !found.endorsements.includes(CHANNEL)) return refused('endorsement');
    return { kind: 'genuine', serviceUrl: said.serviceurl };
  };
}

/** Null: this has not the form of a token that could ever be taken. */
function readToken(authorization: string | undefined) {
  if (authorization === undefined || authorization.length > MAX_TOKEN) return null;
  const parts = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/i.exec(authorization);
  if (!parts) return null;
  const [, first = '', second = '', third = ''] = parts;
  const head = header.safeParse(decode(first));
  const said = claims.safeParse(decode(second));
  if (!head.success || !said.success) return null;
  return {
    head: head.data,
    said: said.data,
    signed: Buffer.from(`${first}.${second}`),
    signature: Buffer.from(third, 'base64url'),
  };
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}

function refused(why: string): Verdict {
  return { kind: 'refused', why };
}
