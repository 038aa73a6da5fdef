/**
 * Rootly. Under Settings → Webhooks, send the `incident.*` events to `/webhooks/<name>`. It names only Slack
 * channels, and does not say who acknowledged.
 */
import { z } from 'zod';
import { endpointUrl } from '../../net/endpoint-url.ts';
import { apiToken, commonConfig, secretText, webhookSecret } from '../common-config.ts';
import type { IncidentSource, IncidentSourceKind } from '../source.ts';
import { unasked } from '../unasked.ts';
import { createRootlyApi } from './rootly-api.ts';
import { readPayload } from './rootly-payload.ts';
import { createRootlySignature } from './rootly-signature.ts';

const LONGEST_WORD = 500;

const signingSecret = secretText.min(16, 'This is too short.');

const config = z.strictObject({
  kind: z.literal('rootly'),
  ...commonConfig,
  webhook_secret: webhookSecret(signingSecret).describe('The webhook’s secret; several while it is changed.'),
  api_token: apiToken.describe('An API key. Absent: nothing is asked, its webhooks alone say what is.'),
  api_url: endpointUrl.default('https://api.rootly.com').describe('Another API root than the vendor’s.'),
  mitigated: z
    .enum(['open', 'closed'])
    .default('open')
    .describe('Whether a mitigated incident is over. To Rootly it is not: cleaning up may go on.'),
});
export type RootlyConfig = z.output<typeof config>;

export const rootlySource: IncidentSourceKind<RootlyConfig> = {
  kind: 'rootly',
  config,
  create: createRootlySource,
};

function createRootlySource(name: string, settings: RootlyConfig): IncidentSource {
  const { severities, mitigated, api_token: token, api_url: root } = settings;
  const reader = { severities, mitigated };
  const api = token === undefined ? null : createRootlyApi({ name, root, token, reader });
  const { find, listOpen, note } = api ?? unasked(name, 'api_token');
  return {
    name,
    kind: 'rootly',
    graceS: settings.grace,
    unconfirmed: settings.unconfirmed,
    polls: api !== null,
    verify: createRootlySignature(settings.webhook_secret),
    read: (delivery) => readPayload(delivery, reader),
    recognises,
    find,
    listOpen,
    note,
    isNoted: api?.isNoted,
    close: async () => api?.close(),
  };
}

const NUMBER = /^INC-[1-9]\d{0,8}$/i;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LINK = /^https:\/\/(?:[a-z0-9-]+\.)?rootly\.com\/account\/incidents\/([A-Za-z0-9-]+)(?:[/?#][!-~]*)?$/;

/**
 * `INC-19`, `#19`, an id (UUID), or a link such as `https://rootly.com/account/incidents/19-sparkling-frost`. A
 * number alone, or a slug alone, could be any word of a reason.
 */
function recognises(word: string): string | null {
  if (word.length > LONGEST_WORD) return null;
  const linked = LINK.exec(word)?.[1] ?? word;
  const number = (linked === word ? /^#(\d+)$/ : /^(\d+)(?:-.*)?$/).exec(linked)?.[1];
  const name = number !== undefined && !UUID.test(linked) ? `INC-${number}` : linked;
  if (NUMBER.test(name)) return name.toUpperCase();
  return UUID.test(name) ? name.toLowerCase() : null;
}
