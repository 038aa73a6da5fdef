/** What passes between the playground and its bot, which is a process of its own so that it can be killed. */

/** To the bot, once; then `clock` as often as the clock is moved. */
export type ToBot =
  | { readonly say: 'begin'; readonly settings: BotSettings; readonly offsetMs: number }
  | { readonly say: 'clock'; readonly offsetMs: number };

/** From the bot. */
export type FromBot = { readonly say: 'running'; readonly url: string };

export interface BotSettings {
  readonly ledgerUrl: string;
  readonly targetUrl: string;
  /** On 127.0.0.1. 0: any free one. */
  readonly port: number;
  readonly slack: {
    readonly apiUrl: string;
    readonly botToken: string;
    readonly signingSecret: string;
  } | null;
  /** Null: nothing here tells of incidents. */
  readonly pagerduty: {
    readonly apiUrl: string;
    readonly token: string;
    readonly webhookSecret: string;
  } | null;
  readonly teams: { readonly tenantId: string } | null;
}
