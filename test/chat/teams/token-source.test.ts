/** The bot asks Entra for its token as its kind of registration needs, keeps it, and never tells its password. */
import { expect, it } from 'vitest';
import { TokenRefused } from '../../../src/chat/teams/connector-error.ts';
import { tokenSource } from '../../../src/chat/teams/token-source.ts';
import type { TeamsCredentials } from '../../../src/config/environment.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const PASSWORD = 'very-secret-password';

/** An Entra that gives tokens, or refuses as the real one does. */
function createEntra(trouble: { status: number; error: string } | 'unreachable' | null = null) {
  const asked: { url: string; body: URLSearchParams }[] = [];
  const answer = (status: number, body: object) => ({ status, headers: {}, body: body as never });
  return {
    asked,
    sendGetRequestAsync: async () => answer(404, {}),
    async sendPostRequestAsync(url: string, { body = '' }: { body?: string } = {}) {
      asked.push({ url, body: new URLSearchParams(body) });
      if (trouble === 'unreachable') throw new Error('getaddrinfo EAI_AGAIN');
      if (trouble) {
        const { status, error } = trouble;
        return answer(status, { error, error_description: `AADSTS7000215: ${PASSWORD}` });
      }
      return answer(200, { token_type: 'Bearer', expires_in: 3600, access_token: `token-${asked.length}` });
    },
  };
}

const settings = (appType: TeamsCredentials['appType']) => ({
  credentials: { appId: 'app', appPassword: PASSWORD, appType, issuer: null },
  tenantId: TENANT,
  dialogs: true,
});

it.each([
  ['SingleTenant', TENANT],
  ['MultiTenant', 'botframework.com'],
] as const)('gets a %s bot its token from %s, once for as long as it is good', async (appType, tenant) => {
  const entra = createEntra();
  const token = tokenSource(settings(appType), entra);
  expect(await token?.()).toBe('token-1');
  expect(await token?.()).toBe('token-1');
  expect(entra.asked).toHaveLength(1);
  const [{ url, body } = { url: '', body: new URLSearchParams() }] = entra.asked;
  expect(new URL(url).href).toMatch(`https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`);
  expect(body.get('client_id')).toBe('app');
  expect(body.get('scope')).toContain('https://api.botframework.com/.default');
  expect(body.get('grant_type')).toBe('client_credentials');
});

it('is told anew whenever it asks for that', async () => {
  const entra = createEntra();
  const token = tokenSource(settings('SingleTenant'), entra);
  expect(await token?.()).toBe('token-1');
  expect(await token?.({ anew: true })).toBe('token-2');
  expect(await token?.()).toBe('token-2');
});

const invalidClient = { status: 401, error: 'invalid_client' };

it('rejects where Entra refuses', async () => {
  const entra = createEntra(invalidClient);
  await expect(tokenSource(settings('SingleTenant'), entra)?.()).rejects.toThrow(/invalid_client/);
});

it.each([
  ['a wrong password', invalidClient, true],
  ['a bot that may not', { status: 400, error: 'unauthorized_client' }, true],
  ['too many requests', { status: 429, error: 'throttled' }, false],
  ['trouble at Entra', { status: 503, error: 'temporarily_unavailable' }, false],
  ['no connection', 'unreachable', false],
] as const)('says whether Entra itself refused: %s', async (_name, trouble, isRefused) => {
  const token = tokenSource(settings('SingleTenant'), createEntra(trouble));
  const error: unknown = await token?.().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect(error instanceof TokenRefused).toBe(isRefused);
});

it('needs none where nobody is asked who they are', () => {
  expect(tokenSource({ ...settings('SingleTenant'), credentials: null })).toBeNull();
});
