/** The token that the bot shows to the Bot Connector, by botbuilder's credentials. */
import { ConfigurationServiceClientCredentialFactory } from 'botbuilder';
import type { TeamsSettings } from '../../config/environment.ts';

/** The public cloud's: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication */
const LOGIN = 'https://login.microsoftonline.com/';
const AUDIENCE = 'https://api.botframework.com';

/** Null without credentials. The library keeps the token until five minutes before its end. */
export function tokenSource({ credentials, tenantId }: TeamsSettings): (() => Promise<string>) | null {
  if (!credentials) return null;
  const factory = new ConfigurationServiceClientCredentialFactory({
    MicrosoftAppId: credentials.appId,
    MicrosoftAppPassword: credentials.appPassword,
    MicrosoftAppType: credentials.appType,
    MicrosoftAppTenantId: tenantId,
  });
  const signer = factory.createCredentials(credentials.appId, AUDIENCE, LOGIN, true);
  return async () => {
    const source = await signer;
    const token: unknown =
      'getToken' in source && typeof source.getToken === 'function' ? await source.getToken() : null;
    if (typeof token !== 'string') throw new Error('no token');
    return token;
  };
}
