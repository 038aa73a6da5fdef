/**
 * The token that the bot shows to the Bot Connector, from Entra by Microsoft's own library.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
import { ConfidentialClientApplication, type INetworkModule, ServerError } from '@azure/msal-node';
import type { TeamsSettings } from '../../config/environment.ts';
import { TokenRefused } from './connector-error.ts';

const LOGIN = 'https://login.microsoftonline.com';
const SCOPE = 'https://api.botframework.com/.default';
/** The tenant that bots of many tenants get their token from. */
const MANY_TENANTS = 'botframework.com';

/** `anew`: asked for now, rather than from memory. */
export type TokenSource = (options?: { anew?: boolean }) => Promise<string>;

/**
 * Null without credentials. The library keeps the token until five minutes before its end. Errors carry
 * Entra's code and never what was sent: `TokenRefused` where it answered that it gives none.
 *
 * @param network how Entra is asked; by default over HTTPS
 */
export function tokenSource(
  { credentials, tenantId }: TeamsSettings,
  network?: INetworkModule,
): TokenSource | null {
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
  return async ({ anew = false } = {}) => {
    const answer = await entra
      .acquireTokenByClientCredential({ scopes: [SCOPE], skipCache: anew })
      .catch((error: unknown) => {
        throw isRefusal(error) ? new TokenRefused(error.errorCode) : error;
      });
    if (!answer?.accessToken) throw new Error('no token');
    return answer.accessToken;
  };
}

/** Entra's own trouble and its limits are answers too, but pass by themselves. */
function isRefusal(error: unknown): error is ServerError {
  if (!(error instanceof ServerError)) return false;
  const { status = 0 } = error;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
