/**
 * Access in a system of your own, behind one HTTP address that understands eight signed messages. What a
 * receiver has to do is in examples/webhook-receiver/README.md, with one that works.
 *
 * - The target is the word the receiver calls itself by (`target.describe`). Every message names it, and
 *   the receiver refuses a message that is meant for another.
 * - `not_after` and `generation` let the receiver refuse what comes too late or was overtaken.
 * - A grant or revoke may be answered 202, "accepted": it counts only once `access.inspect` shows it.
 * - A receiver that gives ids (for accounts in `account.resolve`, for permissions with `permission_ids`) is
 *   asked by them from then on, so that neither a renamed account nor somebody who takes its name is met by
 *   mistake. Without them the name is the identity, and the receiver must never give a name to another.
 * - Each different permission is an edge of its own; keys in another order make no difference. Where two
 *   permissions are levels of one relation, use only one of them in the catalog.
 */
import { z } from 'zod';
import { byMailAddress } from '../../domain/mail-address.ts';
import { lowerAscii } from '../../domain/text.ts';
import { endpointUrl } from '../../net/endpoint-url.ts';
import type { Connector, ConnectorKind, EdgeRef, Holder } from '../connector.ts';
import { ConnectorError } from '../connector.ts';
import { accountByMail, localPartRule } from '../mail-rule.ts';
import { createWebhookClient } from './webhook-client.ts';

const permission = z
  .record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/, 'must be a word of letters, digits and _'),
    z.union([z.string().max(200), z.number(), z.boolean()]),
  )
  .refine((entries) => Object.keys(entries).length >= 1 && Object.keys(entries).length <= 10, {
    error: 'must have 1 to 10 entries',
  });
export type WebhookPermission = z.output<typeof permission>;

/** Standard Webhooks: `whsec_` and 24 to 64 random bytes in base64. */
const secret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'must be whsec_ and base64')
  .refine((text) => {
    const bytes = Buffer.from(text.slice('whsec_'.length), 'base64').length;
    return bytes >= 24 && bytes <= 64;
  }, 'must hold 24 to 64 bytes');

const account = z
  .string()
  .max(255)
  .regex(/^[^\p{Cc}]+$/u, 'must be one line');

const config = z.strictObject({
  kind: z.literal('webhook'),
  url: endpointUrl,
  secret,
  accounts: z
    .strictObject({
      /** Mail address to account; wins over `from`. */
      map: byMailAddress(account).default({}),
      /** `receiver`: the receiver finds the account by the mail address. */
      from: z.union([localPartRule, z.enum(['email', 'receiver'])]).optional(),
    })
    .default({ map: {}, from: 'receiver' }),
  /** Whether the receiver answers `permission.resolve` with an id for each permission. */
  permission_ids: z.boolean().default(false),
  /** Whether the receiver ends sessions after a revoke. */
  end_sessions: z.boolean().default(false),
  /** The longest a session can outlive the revoke, seconds. Absent: 0 with `end_sessions`, else unknown. */
  session_outlives_revoke_s: z.int().min(0).optional(),
  /** How long after a call's deadline its effect may still come about, seconds: clocks, queues behind it. */
  max_late_landing_s: z.int().min(0).max(86_400).default(60),
  /** How long one call may take, seconds. */
  call_timeout_s: z.int().min(1).max(60).default(10),
});
export type WebhookConfig = z.output<typeof config>;

const resolution = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), account, id: account.optional() }),
  z.object({
    ok: z.literal(false),
    reason: z.enum(['unmapped', 'unknown', 'disabled', 'ambiguous']),
    message: z.string().max(500),
  }),
]);
const permissionResolution = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), id: account }),
  z.object({ ok: z.literal(false), message: z.string().max(500) }),
]);
const way = z.string().max(200);
const holding = z.object({ direct: z.boolean(), inherited: way.array().max(20) });
const seen = holding.extend({
  account: account.optional(),
  permission_name: z.string().min(1).max(200).optional(),
  gone: z.enum(['account', 'permission']).optional(),
});
const holders = z.object({
  holders: holding.extend({ account, id: account.optional() }).array(),
  next: z.string().min(1).max(500).nullable(),
});

const MAX_PAGES = 100;

export const webhookConnector: ConnectorKind<WebhookConfig, WebhookPermission> = {
  kind: 'webhook',
  config,
  create: createWebhookConnector,
};

function createWebhookConnector(
  name: string,
  settings: WebhookConfig,
  domains: readonly string[],
): Connector<WebhookPermission> {
  const client = createWebhookClient({ name, url: settings.url, secret: settings.secret });
  const edgeData = (edge: EdgeRef<WebhookPermission>) => ({
    permission: edge.permission,
    permission_id: edge.permissionId,
    account: edge.account,
    account_id: edge.accountId,
  });

  return {
    name,
    kind: 'webhook',
    limits: {
      sessionOutlivesRevokeS: settings.session_outlives_revoke_s ?? (settings.end_sessions ? 0 : null),
      maxLateLandingS: settings.max_late_landing_s,
      callTimeoutS: settings.call_timeout_s,
      concurrency: 4,
      endsSessions: settings.end_sessions,
      // The receiver is told `expires_at`, but nothing says that it acts on it.
      nativeExpiry: false,
    },
    permission,
    describe(wanted) {
      const parts = sortedEntries(wanted).map(([key, value]) => `${key} ${value}`);
      return `${parts.join(', ')} on ${name}`;
    },
    relation: wordsOf,

    async targetId(call) {
      const { target } = await client.ask('target.describe', {}, z.unknown(), call);
      return target;
    },

    async resolveAccount(subject, call) {
      const email = lowerAscii(subject.email);
      const { map, from } = settings.accounts;
      const rule = from === 'receiver' ? undefined : from;
      const found = accountByMail({ map, from: rule }, email, { connector: name, domains });
      if ('why' in found && from !== 'receiver') {
        return { ok: false, reason: 'unmapped', message: found.why };
      }
      // Null leaves the choice to the receiver.
      const data = { email, account: 'why' in found ? null : found.account };
      const { result } = await client.ask('account.resolve', data, resolution, call);
      if (!result.ok) return result;
      return { ok: true, account: result.account, accountId: result.id ?? result.account };
    },

    async resolvePermission(wanted, call) {
      if (!settings.permission_ids) return { ok: true, permissionId: wordsOf(wanted) };
      const data = { permission: wanted };
      const { result } = await client.ask('permission.resolve', data, permissionResolution, call);
      return result.ok ? { ok: true, permissionId: result.id } : result;
    },

    async grant(edge, call) {
      await client.ask('access.grant', edgeData(edge), z.unknown(), call);
    },

    async revoke(edge, call) {
      await client.ask('access.revoke', edgeData(edge), z.unknown(), call);
    },

    async endSessions(edge, before, call) {
      if (!settings.end_sessions) return 0;
      const data = { ...edgeData(edge), before: before.toISOString() };
      const ended = z.object({ ended: z.int().min(0) });
      return (await client.ask('access.end_sessions', data, ended, call)).result.ended;
    },

    async inspect(edge, call) {
      const { result } = await client.ask('access.inspect', edgeData(edge), seen, call);
      const { direct, inherited, gone, account: called, permission_name: permissionName } = result;
      if (gone && direct) {
        const message = `${name}: says that an account or permission is gone, and held`;
        throw new ConnectorError('terminal', 'bad_answer', message, { outcomeKnown: true });
      }
      const renamed = {
        ...(called !== undefined && called !== edge.account && { account: called }),
        ...(permissionName !== undefined && { description: `${permissionName} on ${name}` }),
      };
      return {
        direct,
        inherited,
        ...(gone && { gone }),
        ...(Object.keys(renamed).length > 0 && { renamed }),
      };
    },

    async list({ permission: wanted, permissionId }, call) {
      const all: Holder[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < MAX_PAGES; page++) {
        const data: Record<string, unknown> = { permission: wanted, permission_id: permissionId, cursor };
        const { result } = await client.ask('access.list', data, holders, call);
        all.push(...result.holders.map(({ id, ...held }) => ({ ...held, accountId: id ?? held.account })));
        cursor = result.next;
        if (cursor === null) return all;
      }
      const message = `${name}: lists its holders in more than ${MAX_PAGES} pages`;
      throw new ConnectorError('terminal', 'too_many', message, { outcomeKnown: true });
    },

    close: async () => client.close(),
  };
}

/** The permission by its words alone, whatever their order. */
function wordsOf(wanted: WebhookPermission): string {
  return JSON.stringify(sortedEntries(wanted));
}

function sortedEntries(wanted: WebhookPermission): [string, string | number | boolean][] {
  return Object.entries(wanted).sort(([a], [b]) => (a < b ? -1 : 1));
}
