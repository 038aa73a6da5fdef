/** Whoever signs Teams' requests, on this machine: OpenID metadata, keys, and tokens true or forged. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TeamsCredentials } from '../../src/config/environment.ts';

export const APP_ID = '0a0a0a0a-1111-4222-8333-444444444444';
export const ISSUER = 'https://issuer.test';

export interface TokenParts {
  readonly header?: object;
  readonly claims?: object;
  /** Signs with another key than the one that is published. */
  readonly forged?: boolean;
  /** HMAC with the public key as secret, or nothing at all: what careless checks take for a signature. */
  readonly signature?: 'hmac' | 'none';
}

export interface TeamsIssuer {
  readonly credentials: TeamsCredentials;
  readonly requests: string[];
  /** The `Authorization` header of a request that comes from `serviceUrl`. */
  authorize(serviceUrl: string, parts?: TokenParts): string;
  /** From now on keys are answered thus. */
  behave(how: 'well' | 'hangs' | 'fails' | 'babbles' | 'huge'): void;
  endorse(channels: readonly string[]): void;
  /** Replaces the key by a new one with another id. */
  rotate(): void;
  close(): Promise<void>;
}

const makeKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

export async function startTeamsIssuer(): Promise<TeamsIssuer> {
  let key = makeKey();
  let kid = 'key-1';
  const strangers = makeKey();
  let behaviour: Parameters<TeamsIssuer['behave']>[0] = 'well';
  let endorsements: readonly string[] = [];
  const requests: string[] = [];

  function answer(path: string, response: ServerResponse): void {
    requests.push(path);
    if (behaviour === 'hangs') return;
    if (behaviour === 'fails') return void response.writeHead(500).end();
    if (behaviour === 'babbles') return void response.end('<html>');
    if (behaviour === 'huge') return void response.end(Buffer.alloc(1024 * 1024, ' '));
    const { n, e } = key.publicKey.export({ format: 'jwk' });
    const keys = [
      { kty: 'EC', kid: 'odd' },
      { kty: 'RSA', use: 'sig', kid, n, e, endorsements },
    ];
    response.end(JSON.stringify(path === '/keys' ? { keys } : { issuer: ISSUER, jwks_uri: `${url}/keys` }));
  }

  const server = createServer((request, response) => answer(request.url ?? '', response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    credentials: {
      appId: APP_ID,
      appPassword: 'very-secret-password',
      appType: 'MultiTenant',
      issuer: { name: ISSUER, metadataUrl: `${url}/openid` },
    },
    requests,
    authorize(serviceUrl, { header = {}, claims = {}, forged = false, signature } = {}) {
      const nowS = Math.floor(Date.now() / 1000);
      const head = encode({ typ: 'JWT', alg: 'RS256', kid, ...header });
      const said = encode({
        iss: ISSUER,
        aud: APP_ID,
        nbf: nowS - 60,
        exp: nowS + 3600,
        serviceurl: serviceUrl,
        ...claims,
      });
      const signer = forged ? strangers.privateKey : key.privateKey;
      return `Bearer ${head}.${said}.${seal(`${head}.${said}`, signer, key.publicKey, signature)}`;
    },
    behave(how) {
      behaviour = how;
    },
    endorse(channels) {
      endorsements = channels;
    },
    rotate() {
      key = makeKey();
      kid = `${kid}+`;
    },
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function seal(text: string, signer: KeyObject, shown: KeyObject, how: TokenParts['signature']): string {
  if (how === 'none') return '';
  if (how === 'hmac') {
    const pem = shown.export({ type: 'spki', format: 'pem' });
    return createHmac('sha256', pem).update(text).digest('base64url');
  }
  return sign('sha256', Buffer.from(text), signer).toString('base64url');
}
