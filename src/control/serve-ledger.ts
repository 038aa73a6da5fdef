/** The command line's questions, answered from an open ledger. */
import { type AccountLink, listLinks } from '../../db/account-links.ts';
import { readEvents, readHead } from '../../db/audit.ts';
import { verifyAudit } from '../../db/audit-verify.ts';
import type { Ledger } from '../../db/client.ts';
import { endGrants } from '../../db/end-grants.ts';
import { anyGrant, type ListedGrant, listGrants, openGrantIds } from '../../db/grant-list.ts';
import { verifyRows } from '../../db/ledger-verify.ts';
import { pendingRequestIds } from '../../db/requests.ts';
import { readFreeze } from '../../db/switches.ts';
import { createAuditVerifier } from '../domain/audit-key.ts';
import type { Clocks } from '../domain/clock.ts';
import { dueSince, isOverdue } from '../domain/grant.ts';
import { DEFAULT_TIMING } from '../domain/timing.ts';
import { cancelPending } from '../operations/cancel-pending.ts';
import { freeze } from '../operations/set-freeze.ts';
import { unlinkAccount } from '../operations/unlink-account.ts';
import {
  ACCOUNTS_AT_MOST,
  type Answer,
  type Asked,
  type ExportedEvent,
  GRANTS_AT_MOST,
  type GrantFact,
  type LedgerService,
  type LinkFact,
} from './ledger-service.ts';

export interface LedgerServiceOptions {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  /** How long after its end access counts as overdue, seconds; unless told, the usual time. */
  readonly overdueAfterS?: number;
  /** Tells this process's scheduler that there may be something to do. */
  readonly nudge: () => void;
  /** Whether a Curfew runs that takes away what was ended; unless told, this process is one. */
  readonly isRunning?: () => Promise<boolean>;
}

export function createLedgerService(options: LedgerServiceOptions): LedgerService {
  const { ledger, clocks, nudge } = options;
  const { overdueAfterS = DEFAULT_TIMING.overdueAfterS, isRunning = async () => true } = options;

  const facts = (rows: readonly ListedGrant[]) =>
    rows.map((row) => factOf(row, { now: clocks.now(), overdueAfterS }));

  async function revoke({ selection, actor, by, note, dry_run }: Asked<'revoke'>): Promise<Answer<'revoke'>> {
    const end = { reason: 'revoked', actor, by, note } as const;
    const [ended, cancelled, all, known] = await ledger.tx(async (tx) => {
      const times = { now: clocks.now(), real: clocks.real() };
      const waiting = selection.ids === undefined ? await pendingRequestIds(tx, selection) : [];
      const closed = dry_run ? waiting : await cancelPending(tx, waiting, { actor, name: by, note }, times);
      const ids = await openGrantIds(tx, selection);
      const done = dry_run ? ids : (await endGrants(tx, ids, end, times)).map(({ id }) => id);
      // Ids name single grants, also those that are over; a person or a role means what is still open.
      const overToo = selection.ids !== undefined;
      const listed = await listGrants(tx, selection, { ended: overToo, limit: GRANTS_AT_MOST });
      const found = closed.length > 0 || (await anyGrant(tx, selection));
      return [new Set(done), closed, listed, found] as const;
    });
    if (!dry_run) nudge();
    const listed = facts(all);
    return {
      ended: listed.filter(({ id }) => ended.has(id)),
      cancelled,
      before: listed.filter(({ id }) => !ended.has(id)),
      known,
      running: await isRunning(),
    };
  }

  return {
    async grants({ selection, ended }) {
      const rows = await listGrants(ledger.db, selection, { ended, limit: GRANTS_AT_MOST + 1 });
      const shown = facts(rows.slice(0, GRANTS_AT_MOST));
      return { grants: shown, more: rows.length > GRANTS_AT_MOST, now: clocks.now().toISOString() };
    },
    revoke,
    async freeze({ on, actor, note }) {
      await freeze({ ledger, clocks, nudge }, { on, actor, note });
      return { on, actor, note, at: clocks.now().toISOString() };
    },
    async freeze_status() {
      const row = await readFreeze(ledger.db);
      return row && { on: row.on, actor: row.actor, note: row.note, at: row.at.toISOString() };
    },
    async verify({ expected, public_keys, unsigned_through = null, ledger: rowsToo }) {
      const keys = public_keys.map(createAuditVerifier);
      const found = await verifyAudit(ledger.db, expected, keys, unsigned_through);
      const problem = found.problem ?? (rowsToo ? await verifyRows(ledger.db) : null);
      return {
        ok: problem === null,
        events: found.events,
        unsealed: found.unsealed,
        head: found.head,
        signed_from: found.signedFrom,
        signatures_checked: found.signaturesChecked,
        problem,
      };
    },
    head: () => readHead(ledger.db),
    async accounts({ email }) {
      const rows = await listLinks(ledger.db, { email, limit: ACCOUNTS_AT_MOST + 1 });
      const shown = rows.slice(0, ACCOUNTS_AT_MOST).map(linkFactOf);
      return { accounts: shown, more: rows.length > ACCOUNTS_AT_MOST };
    },
    async unlink({ dry_run: dryRun, ...asked }) {
      return linkFactOf(await unlinkAccount({ ledger, clocks }, { ...asked, dryRun }));
    },
    async *exportLines(afterSeq) {
      for await (const { seq, at, actor, action, details, prevHash, hash, signature } of readEvents(
        ledger.db,
        afterSeq,
      )) {
        const event: ExportedEvent = {
          seq,
          at: at.toISOString(),
          actor,
          action,
          details,
          prev_hash: prevHash,
          hash,
          ...(signature !== null && { signature }),
        };
        yield JSON.stringify(event);
      }
    },
  };
}

function linkFactOf({ targetId, connector, account, accountId, email, pinnedAt }: AccountLink): LinkFact {
  const since = pinnedAt.toISOString();
  return { target: targetId, connector, account, account_id: accountId, email, since };
}

const iso = (at: Date | null) => at?.toISOString() ?? null;

function factOf(
  { grant, email, name, reference, lastError }: ListedGrant,
  at: { now: Date; overdueAfterS: number },
): GrantFact {
  return {
    id: grant.id,
    role: grant.role,
    email,
    name,
    state: grant.state,
    reference,
    approved_at: grant.approvedAt.toISOString(),
    live_at: iso(grant.liveAt),
    ends_at: grant.endsAt.toISOString(),
    ending_at: iso(grant.endingAt),
    due_since: dueSince(grant).toISOString(),
    ended_at: iso(grant.endedAt),
    end_reason: grant.endReason,
    ended_by: grant.endedBy,
    end_note: grant.endNote,
    overdue: isOverdue(grant, at),
    last_error: grant.state === 'ended' ? null : lastError,
  };
}
