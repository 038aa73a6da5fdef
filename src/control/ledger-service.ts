/**
 * What the command line can ask of a ledger. The same for a ledger that it opened itself and for one that a
 * running Curfew holds: JSON all through, moments as ISO strings, nothing that needs the configuration.
 */
import { z } from 'zod';
import { END_REASONS, GRANT_STATES } from '../domain/grant.ts';
import { mailAddress } from '../domain/mail-address.ts';

const moment = z.iso.datetime();
const text = (max: number) => z.string().max(max);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const headSchema = z.strictObject({ seq: z.int().nonnegative(), hash });

export const GRANTS_AT_MOST = 10_000;
export const ACCOUNTS_AT_MOST = 10_000;

const grantSchema = z.strictObject({
  id: z.string(),
  role: z.string(),
  email: z.string(),
  name: z.string(),
  state: z.enum(GRANT_STATES),
  reference: z.string().nullable(),
  approved_at: moment,
  live_at: moment.nullable(),
  ends_at: moment,
  ending_at: moment.nullable(),
  /** From when on the access should be gone, or should have been. */
  due_since: moment,
  ended_at: moment.nullable(),
  end_reason: z.enum(END_REASONS).nullable(),
  ended_by: z.string().nullable(),
  end_note: z.string().nullable(),
  /** It should be gone by now, and is not confirmed to be. */
  overdue: z.boolean(),
  /** What its target last answered instead of doing as told; null where nothing is wrong. */
  last_error: z.string().nullable(),
});
export type GrantFact = z.infer<typeof grantSchema>;

/** An account in a target, and the person whose it is. */
const linkSchema = z.strictObject({
  target: z.string(),
  /** The last one through which it was reached; null: none yet. */
  connector: z.string().nullable(),
  account: z.string().nullable(),
  account_id: z.string(),
  email: z.string(),
  since: moment,
});
export type LinkFact = z.infer<typeof linkSchema>;

/** Absent fields do not narrow. */
const selectionSchema = z.strictObject({
  ids: z.array(text(20)).max(100).optional(),
  email: mailAddress.optional(),
  role: text(100).optional(),
});
export type Selection = z.infer<typeof selectionSchema>;

export const requests = {
  grants: z.strictObject({ selection: selectionSchema, ended: z.boolean() }),
  revoke: z.strictObject({
    selection: selectionSchema,
    /** For the audit log: `cli:root`. */
    actor: text(200).regex(/^cli:/),
    /** For people. */
    by: text(200),
    note: text(2_000).nullable(),
    /** Only say what would end. */
    dry_run: z.boolean(),
  }),
  freeze: z.strictObject({ on: z.boolean(), actor: text(200).regex(/^cli:/), note: text(2_000).nullable() }),
  freeze_status: z.strictObject({}),
  verify: z.strictObject({
    expected: headSchema.nullable(),
    /** PEM; with any, every event has to be covered by a signature of one of them. */
    public_keys: z.array(text(2_000)).max(20),
    /** The last event before there was a key: up to it nothing has to be signed. */
    unsigned_through: headSchema.nullable().optional(),
    /** Also hold requests, votes and grants against their events. */
    ledger: z.boolean(),
  }),
  head: z.strictObject({}),
  accounts: z.strictObject({ email: mailAddress.optional() }),
  unlink: z.strictObject({
    /** A connector's name, or a target's id. */
    target: text(2_000),
    /** An account's name or id there. */
    account: text(2_000),
    actor: text(200).regex(/^cli:/),
    note: text(2_000).nullable(),
    /** Only say what would be undone. */
    dry_run: z.boolean(),
  }),
} as const;

export const answers = {
  grants: z.strictObject({
    grants: z.array(grantSchema),
    /** There are more than fit. */
    more: z.boolean(),
    /** What time it is by the ledger. */
    now: moment,
  }),
  revoke: z.strictObject({
    /** Ended by this, or with `dry_run` what would be. */
    ended: z.array(grantSchema),
    /** Requests of a person or for a role that nobody had decided, cancelled or with `dry_run` to be. */
    cancelled: z.array(z.string()),
    /** Selected, but ending or ended before. */
    before: z.array(grantSchema),
    /** False: no grant ever fitted the selection, so it may be a slip of the pen. */
    known: z.boolean(),
    /** Whether a Curfew runs that takes the access away. */
    running: z.boolean(),
  }),
  freeze: z.strictObject({ on: z.boolean(), actor: z.string(), note: z.string().nullable(), at: moment }),
  freeze_status: z
    .strictObject({ on: z.boolean(), actor: z.string(), note: z.string().nullable(), at: moment })
    .nullable(),
  verify: z.strictObject({
    ok: z.boolean(),
    events: z.int(),
    unsealed: z.int(),
    head: headSchema.nullable(),
    signed_from: z.int().nullable(),
    signatures_checked: z.boolean(),
    problem: z.string().nullable(),
  }),
  head: headSchema.extend({ signature: z.string().nullable() }).nullable(),
  accounts: z.strictObject({ accounts: z.array(linkSchema), more: z.boolean() }),
  unlink: linkSchema,
} as const;

export type Method = keyof typeof requests;
export type Asked<M extends Method> = z.infer<(typeof requests)[M]>;
export type Answer<M extends Method> = z.infer<(typeof answers)[M]>;

/** An audit event as `audit export` prints it: everything that its hash covers. */
export interface ExportedEvent {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly prev_hash: string;
  readonly hash: string;
  /** Of the last event of a signed batch: over `SEQ:HASH`. */
  readonly signature?: string;
}

export type LedgerService = { [M in Method]: (asked: Asked<M>) => Promise<Answer<M>> } & {
  /** Sealed events after this number, in order; each a line of JSON without its end. */
  exportLines(afterSeq: number): AsyncIterable<string>;
};
