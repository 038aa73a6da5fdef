/** The shape of `curfew.yaml`: what zod checks, and the JSON Schema that editors read. */
import { z } from 'zod';
import type { AnyConnectorKind } from '../connectors/registry.ts';
import { RISKS } from '../domain/catalog.ts';
import { durationAsTyped, parseDuration } from '../domain/duration.ts';
import { DEFAULT_LIMITS, type Limits } from '../domain/limits.ts';
import { byMailAddress, mailAddress, mailDomain } from '../domain/mail-address.ts';
import { DEFAULT_TIMING, type Timing } from '../domain/timing.ts';
import { isVerb } from '../domain/verbs.ts';
import type { AnyIncidentSourceKind } from '../incidents/registry.ts';
import { incidentsSchema } from './incidents.ts';
import { jsonSchemaOf, kindEntry } from './kind-entry.ts';

const duration = z
  .string({ error: 'Write a length of time, such as 30m or 1h30m.' })
  .meta({ pattern: '^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$', examples: ['30m', '4h', '1h30m'] })
  .transform((text, context) => {
    const parsed = parseDuration(text);
    if (parsed.ok) return parsed.seconds;
    context.addIssue({ code: 'custom', message: parsed.why });
    return z.NEVER;
  });

const person = z
  .string()
  .max(260)
  .regex(/^user:[^\s@:<>,;"]+@[^\s@:<>,;"]+\.[^\s@:<>,;"]+$/, 'Write a person as user:name@example.com.')
  .transform((text) => text.slice('user:'.length))
  .pipe(mailAddress);

const people = person.array().max(200);

const slackChannel = z
  .string()
  .max(100)
  .regex(/^#?[^\s#<>@|]+$/, 'Write a channel as "#name" (in quotes, since # begins a comment) or its id.');

/** What is typed where people look for it: a copied link, the id in it, or `Team/Channel`. */
const teamsChannel = z
  .string()
  .max(1000)
  .regex(
    /^(https:\/\/teams\.(microsoft|cloud\.microsoft)[^\s<>"]*|19:[^\s<>|]+@thread\.[a-z0-9]+|#?[^#<>@|:\n]+)$/,
    'Write a channel as its link copied from Teams, its id (19:…@thread.tacv2) or "Team/Channel".',
  );

const channel = z.union([
  z
    .string()
    .max(1000)
    .refine(
      (text) => slackChannel.safeParse(text).success || teamsChannel.safeParse(text).success,
      'Write a channel as "#name" (in quotes, since # begins a comment), its id, or its link copied from Teams.',
    ),
  z
    .strictObject({ slack: slackChannel.optional(), teams: teamsChannel.optional() })
    .refine(({ slack, teams }) => Boolean(slack ?? teams), 'Name the channel on slack, teams or both.'),
]);

/** `WORKSPACE/USER`. */
const slackUser = z
  .string()
  .regex(
    /^[TE][A-Z0-9]{2,30}\/[UW][A-Z0-9]{2,30}$/,
    'Write a member of Slack as WORKSPACE/USER: T0123/U0456.',
  );

const teamsUser = z
  .string()
  .regex(
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    'Write a person of Teams as TENANT/USER, the two ids that Entra shows.',
  )
  .toLowerCase();

const mappedPeople = byMailAddress(
  z.strictObject({ slack: slackUser.optional(), teams: teamsUser.optional() }),
).describe(
  'People by mail address whom the directories do not tell: guests, members of other workspaces or tenants, other addresses.',
);

const date = z.string().meta({ format: 'date' }).refine(isDate, 'Write a day that exists as YYYY-MM-DD.');

const name = z
  .string()
  .max(60)
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'A name has lower-case letters, digits and hyphens: prod-dba.');

const roleName = name
  .refine((text) => !isVerb(text) && text !== 'until', 'That word is a command; a role needs another name.')
  .refine(
    (text) => !/^(?:[0-9]+[dhms]?)+$/.test(text),
    'That reads like a length of time; a role needs another name.',
  );

const entitlement = z.strictObject({
  connector: z.string().describe('A name under connectors.'),
  permission: z
    .record(z.string(), z.unknown())
    .describe('What it gives in the target; the fields are those of the connector’s kind.'),
});

export const roleSchema = z.strictObject({
  title: z.string().min(1).max(75).describe('What people read on the card; at most 75 characters.'),
  owners: people.default([]).describe('Who approves. Without an owner the role cannot be requested.'),
  risk: z.enum(RISKS),
  environment: z.string().min(1).max(40).describe('Such as production.'),
  sensitivity: z.string().min(1).max(40).describe('Such as confidential.'),
  recertify_by: date
    .optional()
    .describe('The last day (UTC) on which the role can be requested, until its owners move it on.'),
  max_duration: duration.describe('The longest grant, extensions included.'),
  default_duration: duration
    .optional()
    .describe('What the form suggests. Absent: 1h, or max_duration when shorter.'),
  requesters: people.min(1).optional().describe('Who may ask. Absent: every full member of the workspace.'),
  channel: channel.optional().describe('Where the card goes. Absent: channels.approvals.'),
  requires: z
    .literal('incident')
    .optional()
    .describe('incident: a request has to name an open incident. Absent: it may.'),
  entitlements: entitlement.array().min(1).max(20).describe('What the role gives, all of it together.'),
});
export type RoleEntry = z.output<typeof roleSchema>;

const timing = z
  .strictObject({
    start_by: duration
      .prefault(asTyped('startByS'))
      .describe('Access not live this long after approval: rolled back, failed.'),
    request_expiry: duration
      .prefault(asTyped('requestExpiryS'))
      .describe('A request that nobody decided lapses after this long.'),
    reminder_before_end: duration
      .prefault(asTyped('reminderBeforeEndS'))
      .describe('How long before the end people are reminded.'),
    overdue_after: duration
      .prefault(asTyped('overdueAfterS'))
      .describe('Access not gone this long after its end alerts people.'),
    read_back_every: duration
      .prefault(asTyped('readBackEveryS'))
      .describe('How often targets are read back.'),
  })
  .prefault({})
  .transform(
    (entry): Timing => ({
      startByS: entry.start_by,
      requestExpiryS: entry.request_expiry,
      reminderBeforeEndS: entry.reminder_before_end,
      overdueAfterS: entry.overdue_after,
      readBackEveryS: entry.read_back_every,
    }),
  );

const limits = z
  .strictObject({
    requests_per_minute: z
      .int()
      .min(1)
      .max(10_000)
      .default(DEFAULT_LIMITS.requestsPerMinute)
      .describe(
        'How many commands, clicks and forms of one person are taken within a minute, by each replica; ten times as many of those that end access.',
      ),
    reads_in_flight: z
      .int()
      .min(1)
      .max(1_000)
      .default(DEFAULT_LIMITS.readsInFlight)
      .describe(
        'How many reads of targets one person causes at the same time, in each replica; a request makes one at a time of each of its targets, and one request is always let in.',
      ),
  })
  .prefault({})
  .transform(
    (entry): Limits => ({
      requestsPerMinute: entry.requests_per_minute,
      readsInFlight: entry.reads_in_flight,
    }),
  );

/** What targets and what sources of incidents there can be. */
export interface Kinds {
  readonly connectors: readonly AnyConnectorKind[];
  readonly incidents: readonly AnyIncidentSourceKind[];
}

/** The whole document. Connectors and sources are checked entry by entry against the schema of their kind. */
export function documentSchema(kinds: Kinds) {
  return z
    .strictObject({
      version: z.literal(1),
      identity: z
        .strictObject({
          domains: mailDomain.array().min(1).max(100).optional(),
          people: mappedPeople.optional(),
          non_ascii_addresses: z
            .boolean()
            .optional()
            .describe(
              'Whether mail addresses may have letters beyond ASCII before the @. They can look like others.',
            ),
        })
        .optional()
        .describe(
          'domains: mail domains whose people may use Curfew. Absent: the admins’ domains. people: who is who.',
        ),
      admins: people
        .min(1)
        .describe('Who may revoke anything and freeze. Admins do not approve by that title.'),
      channels: z
        .strictObject({
          approvals: channel.describe('Where requests are shown to everybody who may decide.'),
          alerts: channel.describe('Where overdue revocations and audit heads are shown.'),
        })
        .describe('Names such as "#access-approvals", or ids; with two platforms {slack: …, teams: …}.'),
      timing: timing.describe('All of it may be left out.'),
      limits: limits.describe('How much is taken from people at once. All of it may be left out.'),
      connectors: z
        .record(name, kindEntry(kinds.connectors))
        .describe('The target systems, by names of your choice.'),
      incidents: incidentsSchema(kinds.incidents, name),
      roles: z.record(roleName, roleSchema).describe('What can be asked for, by the name that people type.'),
    })
    .meta({ title: 'Curfew’s configuration, curfew.yaml' });
}

export type DocumentSchema = ReturnType<typeof documentSchema>;

/** For `curfew.schema.json`. */
export function documentJsonSchema(kinds: Kinds): Record<string, unknown> {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', ...jsonSchemaOf(documentSchema(kinds)) };
}

function asTyped(key: keyof Timing): string {
  return durationAsTyped(DEFAULT_TIMING[key]);
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
