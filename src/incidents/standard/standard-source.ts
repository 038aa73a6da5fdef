/**
 * Any tool that can send Standard Webhooks, or at least a header that nobody else knows. What it sends is in
 * standard-payload.ts, what it may answer in standard-api.ts.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { endpointUrl } from '../../net/endpoint-url.ts';
import { apiToken, commonConfig, secretText, webhookSecret } from '../common-config.ts';
import type { Delivery, IncidentSource, IncidentSourceKind } from '../source.ts';
import { unasked } from '../unasked.ts';
import { createStandardApi } from './standard-api.ts';
import { createNames } from './standard-names.ts';
import { readPayload } from './standard-payload.ts';
import { isSigned, isSigningSecret } from './standard-signature.ts';

const SHORTEST_SECRET = 16;

const several = <T extends z.ZodType<string>>(item: T) =>
  z.union([item.transform((one) => [one]), item.array().max(20)]);

const config = z
  .strictObject({
    kind: z.literal('standard'),
    ...commonConfig,
    webhook_secret: webhookSecret(secretText).describe(
      'Signed: whsec_ and 24 to 64 random bytes in base64. Else the value of the header, at least 16 characters. While it is being changed, a list of both.',
    ),
    signed: z
      .boolean()
      .default(true)
      .describe('false for tools that cannot sign: what they send only makes Curfew ask (api_url).'),
    header: z
      .string()
      .max(100)
      .regex(/^[A-Za-z0-9-]+$/, 'Write the name of a header, such as X-Curfew-Secret.')
      .toLowerCase()
      .optional()
      .describe('With signed: false, the header that carries webhook_secret.'),
    api_url: endpointUrl.optional().describe('Where to ask. Absent: its webhooks alone say what is.'),
    api_token: apiToken,
    numbers: several(
      z
        .string()
        .max(50)
        .regex(/^[A-Za-z0-9#._-]*[A-Za-z#._-]$/, 'Write how its numbers begin, such as OPS-.'),
    )
      .default([])
      .describe('How its numbers or keys begin: OPS-. What begins otherwise is not its own.'),
    links: several(endpointUrl)
      .default([])
      .describe('What its links begin with; the next part of the path is a number or key.'),
  })
  .superRefine((entry, context) => {
    const wrong = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    if (entry.signed) {
      if (!entry.webhook_secret.every(isSigningSecret)) {
        wrong('webhook_secret', 'This must be whsec_ and 24 to 64 random bytes in base64.');
      }
      if (entry.header !== undefined) wrong('header', 'A signed source needs no header; signed: false does.');
    } else {
      if (entry.webhook_secret.some(({ length }) => length < SHORTEST_SECRET)) {
        wrong('webhook_secret', `This needs at least ${SHORTEST_SECRET} characters.`);
      }
      if (entry.header === undefined) wrong('header', 'Without signatures, name the header with the secret.');
      if (entry.api_url === undefined) {
        wrong('api_url', 'What nobody signed is never believed, so Curfew needs an address to ask.');
      }
    }
    if (entry.api_url !== undefined && entry.api_token === undefined) {
      wrong('api_token', 'With api_url, a token to ask with is needed.');
    }
    if (entry.api_url === undefined && entry.api_token !== undefined) {
      wrong('api_token', 'A token without api_url is of no use.');
    }
  });
export type StandardConfig = z.output<typeof config>;

export const standardSource: IncidentSourceKind<StandardConfig> = {
  kind: 'standard',
  config,
  create: createStandardSource,
};

function createStandardSource(name: string, settings: StandardConfig): IncidentSource {
  const { api_url: apiUrl, api_token: token, webhook_secret: secrets, severities, header = '' } = settings;
  const names = createNames(settings);
  const api =
    apiUrl !== undefined && token !== undefined
      ? createStandardApi({ name, root: apiUrl, token, severities })
      : null;
  const { find, listOpen, note } = api ?? unasked(name, 'api_url');

  return {
    name,
    kind: 'standard',
    graceS: settings.grace,
    unconfirmed: settings.unconfirmed,
    polls: api !== null,
    verify: (delivery) =>
      settings.signed ? isSigned(delivery, secrets) : hasSecret(delivery, header, secrets),
    read: (delivery) =>
      settings.signed
        ? readPayload(delivery, severities)
        : { kind: 'nudge', eventId: nudgeId(delivery), key: null },
    recognises: names.recognise,
    find: (wanted, signal) => find(names.idIn(wanted), signal),
    listOpen,
    note,
    close: async () => api?.close(),
  };
}

/** Digests, since a constant-time comparison wants equal lengths and would tell them otherwise. */
function hasSecret({ headers }: Delivery, header: string, secrets: readonly string[]): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const given = digest(headers[header] ?? '');
  return secrets.some((secret) => timingSafeEqual(given, digest(secret)));
}

/** With its moment: two events may read alike, and a nudge too many only asks once more. */
function nudgeId({ rawBody, receivedAt }: Delivery): string {
  return `${receivedAt.toISOString()} ${createHash('sha256').update(rawBody).digest('base64url')}`;
}
