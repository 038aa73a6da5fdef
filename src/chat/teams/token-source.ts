/**
 * The token that the bot shows to the Bot Connector, from Entra by Microsoft's own library.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
import { ConfidentialClientApplication, type INetworkModule } from '@azure/msal-node';
import type { TeamsSettings } from '../../config/environment.ts';

const LOGIN = 'https://login.microsoftonline.com';
const SCOPE = 'https://api.botframework.com/.default';
/** The tenant that bots of many tenants get their token from. */
const MANY_TENANTS = 'botframework.com';

/**
 * Null without credentials. The library keeps the token until five minutes before its end. Errors carry
 * Entra's code and never what was sent.
 *
 * @param network how Entra is asked; by default over HTTPS
 */
export function tokenSource(
  { credentials, tenantId }: TeamsSettings,
  network?: INetworkModule,
): (() => Promise<string>) | null {
  if (!credentials) return null;
  const { appId, appPassword, appType } = credentials;
  const tenant = appType === 'SingleTenant' ? tenantId : MANY_TENANTS;
  const entra = new ConfidentialClientApplication({
    auth: { clientId: appId, clientSecret: appPassword, authority: `${LOGIN}/${tenant}` },
    system: {
      disableInternalRetries: true,
      loggerOptions: { loggerCallback() {}, piiLoggingEnabled: false },
      ...(network && { networkClient: network }),
    },
  });
  return async () => {
    const answer = await entra.acquireTokenByClientCredential({ scopes: [SCOPE] });
    if (!answer?.accessToken) throw new Error('no token');
    return answer.accessToken;
  };
}
