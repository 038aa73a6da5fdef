/**
 * incident.io. Under Settings → Webhooks, subscribe the address `/webhooks/<name>` to
 * `public_incident.incident_created_v2`, `.incident_updated_v2` and `.incident_status_updated_v2`, and to the
 * first two of `private_incident` where those are used: of private ones only an id is sent, so they need
 * `api_token`. It knows no services and names only Slack channels. Who acknowledged is the incident's lead.
 */
import { z } from 'zod';
import { endpointUrl } from '../../net/endpoint-url.ts';
import { apiToken, commonConfig, secretText, webhookSecret } from '../common-config.ts';
import type { IncidentSource, IncidentSourceKind } from '../source.ts';
import { unasked } from '../unasked.ts';
import { createIncidentIoApi } from './incident-io-api.ts';
import { readPayload } from './incident-io-payload.ts';
import { isSignedByIncidentIo } from './incident-io-signature.ts';

const LONGEST_WORD = 500;

const signingSecret = secretText
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'This must be whsec_ and base64, as incident.io shows it.')
  .refine((text) => Buffer.from(text.slice('whsec_'.length), 'base64').length >= 16, 'This is too short.');

const config = z.strictObject({
  kind: z.literal('incident-io'),
  ...commonConfig,
  webhook_secret: webhookSecret(signingSecret).describe(
    'The endpoint’s signing secret; several while it is rotated.',
  ),
  api_token: apiToken.describe('An API key. Absent: nothing is asked, its webhooks alone say what is.'),
  api_url: endpointUrl.default('https://api.incident.io').describe('Another API root than the vendor’s.'),
});
export type IncidentIoConfig = z.output<typeof config>;

export const incidentIoSource: IncidentSourceKind<IncidentIoConfig> = {
  kind: 'incident-io',
  config,
  create: createIncidentIoSource,
};

function createIncidentIoSource(name: string, settings: IncidentIoConfig): IncidentSource {
  const { severities, api_token: token, api_url: root } = settings;
  const api = token === undefined ? null : createIncidentIoApi({ name, root, token, severities });
  const { find, listOpen, note } = api ?? unasked(name, 'api_token');
  return {
    name,
    kind: 'incident-io',
    graceS: settings.grace,
    unconfirmed: settings.unconfirmed,
    polls: api !== null,
    verify: (delivery) => isSignedByIncidentIo(delivery, settings.webhook_secret),
    read: (delivery) => readPayload(delivery, { severities, canAsk: api !== null }),
    recognises,
    find,
    listOpen,
    note,
    // The vendor takes each note once, however often it is left.
    isNoted: async () => false,
    close: async () => api?.close(),
  };
}

const REFERENCE = /^INC-[1-9]\d{0,8}$/i;
const ULID = /^01[0-9A-HJKMNP-TV-Z]{24}$/i;
const LINK = /^https:\/\/app\.incident\.io\/(?:[A-Za-z0-9-]+\/)?incidents\/([A-Za-z0-9]+)(?:[/?#][!-~]*)?$/;

/** `INC-123`, an id such as 01FDAG4SAP5TYPT98WGR2N7W91, or `https://app.incident.io/acme/incidents/123`. */
function recognises(word: string): string | null {
  if (word.length > LONGEST_WORD) return null;
  const linked = LINK.exec(word)?.[1];
  const name = linked === undefined ? word : linked.replace(/^(?=\d{1,9}$)/, 'INC-');
  return REFERENCE.test(name) || ULID.test(name) ? name.toUpperCase() : null;
}
