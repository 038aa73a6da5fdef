/**
 * botbuilder's adapter with the doors closed that Curfew does not use. A turn begins only with an activity that
 * `listener.ts` and `verify.ts` have found genuine. Of CloudAdapter only the base is used: its `process` prints
 * errors to the console, tells them to the caller, and answers a forged signature with 500.
 */
import { type Activity, CallerIdConstants, CloudAdapterBase, type TurnContext } from 'botbuilder';
import {
  type AuthenticateRequestResult,
  AuthenticationError,
  BotFrameworkAuthentication,
  ClaimsIdentity,
  type ConnectorClient,
  ConnectorFactory,
  type UserTokenClient,
} from 'botframework-connector';

const AUDIENCE = 'https://api.botframework.com';
const UNAUTHORIZED = 401;

/** A client of the Bot Connector at this address, with bounds of our own on what it sends. */
export type Connect = (serviceUrl: string) => ConnectorClient;

class BoundedConnectors extends ConnectorFactory {
  readonly #connect: Connect;

  constructor(connect: Connect) {
    super();
    this.#connect = connect;
  }

  override async create(serviceUrl: string): Promise<ConnectorClient> {
    return this.#connect(serviceUrl);
  }
}

/** Accepts nobody by itself: botbuilder's own check of tokens also takes those of emulators and other bots. */
class ChannelAuthentication extends BotFrameworkAuthentication {
  readonly #connectors: ConnectorFactory;
  /** For a request that has been checked already. */
  readonly checked: AuthenticateRequestResult;

  constructor({ appId, connect }: { appId: string; connect: Connect }) {
    super();
    this.#connectors = new BoundedConnectors(connect);
    this.checked = {
      audience: AUDIENCE,
      callerId: CallerIdConstants.PublicAzureChannel,
      claimsIdentity: new ClaimsIdentity([{ type: 'aud', value: appId }], true),
      connectorFactory: this.#connectors,
    };
  }

  override authenticateRequest(): Promise<AuthenticateRequestResult> {
    return Promise.reject(new AuthenticationError('Requests are checked before a turn.', UNAUTHORIZED));
  }

  override authenticateStreamingRequest(): Promise<AuthenticateRequestResult> {
    return Promise.reject(new AuthenticationError('Streaming is not taken.', UNAUTHORIZED));
  }

  override createConnectorFactory(): ConnectorFactory {
    return this.#connectors;
  }

  /** Every turn asks for one. Curfew signs nobody in through the Bot Framework, so there is none. */
  override async createUserTokenClient(): Promise<UserTokenClient> {
    return undefined as never;
  }
}

export class TeamsAdapter extends CloudAdapterBase {
  readonly #authentication: ChannelAuthentication;

  constructor(options: { appId: string; connect: Connect }) {
    const authentication = new ChannelAuthentication(options);
    super(authentication);
    this.#authentication = authentication;
  }

  /** One turn. Rejects with what the logic threw. */
  async turn(genuine: Activity, logic: (context: TurnContext) => Promise<void>): Promise<void> {
    await this.processActivity(this.#authentication.checked, genuine, logic);
  }
}
