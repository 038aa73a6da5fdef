/**
 * Whether a request comes from Teams: the seven checks that Microsoft asks of a bot, in this file and in
 * listener.ts, which compares the claims with the body. Only tokens of the channel are taken, none of
 * emulators or other bots.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
import { decodeJwt, type JWTHeaderParameters, jwtVerify } from 'jose';
import { JOSEError } from 'jose/errors';
import { z } from 'zod';
import type { TeamsCredentials } from '../../config/environment.ts';
import type { Log } from '../../observability/log.ts';
import { createSigningKeys } from './signing-keys.ts';

const BOT_CONNECTOR = {
  name: 'https://api.botframework.com',
  metadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
};
export const CHANNEL = 'msteams';
const ALGORITHMS = ['RS256', 'RS384', 'RS512'];
const MAX_CLOCK_SKEW_S = 300;
const MAX_TOKEN = 16_384;
const METADATA_WITHIN_MS = 5_000;

const claims = z.object({
  iss: z.string(),
  aud: z.string(),
  exp: z.number(),
  serviceurl: z.string().min(1).max(500),
});

/** `unavailable`: it cannot be told now, since the signer's keys cannot be had. */
export type Verdict =
  | { readonly kind: 'genuine'; readonly serviceUrl: string }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'unavailable' };

/** Never rejects. */
export type Verify = (authorization: string | undefined) => Promise<Verdict>;

class Unavailable extends Error {}

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

  async function keyFor({ kid }: JWTHeaderParameters) {
    const found = await keys.find(kid ?? '');
    if (found === 'unavailable') throw new Unavailable();
    if (!found) throw new JOSEError('unknown key');
    if (found.endorsements.length > 0 && !found.endorsements.includes(CHANNEL))
      throw new JOSEError('endorsement');
    return found.key;
  }

  return async (authorization) => {
    const token = /^Bearer (\S+)$/i.exec(authorization?.slice(0, MAX_TOKEN) ?? '')?.[1];
    if (!token) return refused('no token');
    try {
      // What is refused in any case costs nobody a look at the keys.
      const said = claims.safeParse(decodeJwt(token));
      if (!said.success) return refused('claims');
      if (said.data.iss !== issuer.name) return refused('issuer');
      if (said.data.aud !== credentials.appId) return refused('audience');
      if (said.data.exp + MAX_CLOCK_SKEW_S <= now() / 1000) return refused('expired');
      const { payload } = await jwtVerify(token, keyFor, {
        algorithms: ALGORITHMS,
        issuer: issuer.name,
        audience: credentials.appId,
        requiredClaims: ['exp'],
        clockTolerance: MAX_CLOCK_SKEW_S,
        currentDate: new Date(now()),
      });
      return { kind: 'genuine', serviceUrl: claims.parse(payload).serviceurl };
    } catch (error) {
      if (error instanceof Unavailable) return { kind: 'unavailable' };
      return refused(error instanceof JOSEError ? `${error.code}` : 'token');
    }
  };
}

function refused(why: string): Verdict {
  return { kind: 'refused', why };
}
