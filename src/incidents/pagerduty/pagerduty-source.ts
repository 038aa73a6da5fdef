/** PagerDuty as a source of incidents: v3 webhooks, and its REST API where a token is configured. */
import { z } from 'zod';
import { apiToken, commonConfig, secretText, webhookSecret } from '../common-config.ts';
import type { IncidentSource, IncidentSourceKind } from '../source.ts';
import { unasked } from '../unasked.ts';
import { createPagerDutyApi } from './pagerduty-api.ts';
import { sightingOf } from './pagerduty-incident.ts';
import { nameIn } from './pagerduty-name.ts';
import { readPagerDuty } from './pagerduty-read.ts';
import { isSigned } from './pagerduty-signature.ts';

const API_URL = 'https://api.pagerduty.com';

const config = z.strictObject({
  kind: z.literal('pagerduty'),
  webhook_secret: webhookSecret(secretText).describe(
    'The webhook subscription’s secret; while it is being changed, a list of both.',
  ),
  api_token: apiToken.describe('A REST API key. Without one nothing can be asked, and no note is left.'),
  from: z
    .email()
    .max(254)
    .optional()
    .describe('The mail address of the PagerDuty user who leaves notes; an account’s key needs one.'),
  ...commonConfig,
});
export type PagerDutyConfig = z.output<typeof config>;

export const pagerdutySource: IncidentSourceKind<PagerDutyConfig> = {
  kind: 'pagerduty',
  config,
  create: createPagerDutySource,
};

function createPagerDutySource(name: string, settings: PagerDutyConfig): IncidentSource {
  const { webhook_secret: secrets, severities, api_token: token } = settings;
  const api =
    token === undefined
      ? null
      : createPagerDutyApi({ name, url: settings.api_url ?? API_URL, token, from: settings.from });
  const { find, listOpen, note } = api ?? unasked(name, 'api_token');

  return {
    name,
    kind: 'pagerduty',
    graceS: settings.grace,
    unconfirmed: settings.unconfirmed,
    polls: api !== null,
    verify: (delivery) => isSigned(delivery, secrets),
    read: (delivery) => readPagerDuty(delivery, severities),
    recognises: nameIn,
    async find(wanted, signal) {
      const at = new Date();
      const found = await find(wanted, signal);
      return found && sightingOf(found, at, severities);
    },
    async listOpen(signal) {
      const at = new Date();
      const found = await listOpen(signal);
      return found.map((each) => sightingOf(each, at, severities));
    },
    note,
    isNoted: api?.isNoted,
    async close() {
      api?.close();
    },
  };
}
