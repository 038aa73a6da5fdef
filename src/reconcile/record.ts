/**
 * Records what steps saw, many at a time in one transaction: assignments, the claims they settle, and the
 * grants that become live or ended by it. Grants are locked before assignments, both in id order; a result
 * whose lease was lost meanwhile is dropped, for whoever holds the lease now looks for himself.
 */
import {
  type AssignmentPatch,
  type AssignmentRow,
  type ClaimWithGrant,
  lastPlotsOf,
  openClaims,
  patchAssignments,
  patchClaims,
} from '../../db/assignments.ts';
import { type AuditEntry, recordAudit } from '../../db/audit.ts';
import type { Ledger, Tx } from '../../db/client.ts';
import { type ConnectorWait, keepWaits } from '../../db/connector-waits.ts';
import { endGrants } from '../../db/end-grants.ts';
import { forgetFirstCalls, lockGrants } from '../../db/grants.ts';
import { lockLeased } from '../../db/leases.ts';
import { intendNotices, type NoticeIntent } from '../../db/messages.ts';
import { grounds, type Happening, type Times, tell } from '../../db/story.ts';
import { newWait } from '../connectors/call.ts';
import type { Connector } from '../connectors/connector.ts';
import { type Settlement, settle } from '../domain/assignment.ts';
import type { Clocks } from '../domain/clock.ts';
import { wanted } from '../domain/grant.ts';
import type { Timing } from '../domain/timing.ts';
import type { Metrics } from '../observability/metrics.ts';
import { type Acted, where } from './act.ts';
import { byAssignment, claimPatches } from './claim-patches.ts';
import { findingsOf } from './findings.ts';
import { renamesOf } from './renames.ts';
import { settleGrants } from './settle-grants.ts';

export interface RecorderOptions {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly timing: Timing;
  readonly random: () => number;
  readonly metrics: Metrics;
}

interface Recorded {
  readonly acted: Acted;
  readonly row: AssignmentRow;
  readonly claims: readonly ClaimWithGrant[];
  readonly settlement: Settlement;
}

export function createRecorder({ ledger, clocks, connectors, timing, random, metrics }: RecorderOptions) {
  return async function record(batch: readonly Acted[]): Promise<void> {
    const ended = await ledger.tx(async (tx) => {
      const times = { now: clocks.now(), real: clocks.real() };
      const recorded = await settleAll(tx, batch, times);
      const patches = recorded.flatMap(({ claims, settlement, acted }) =>
        claimPatches(acted.leased.row.generation, claims, settlement.claims, times.now),
      );
      await Promise.all([
        patchAssignments(
          tx,
          recorded.map((item) => assignmentPatch(item, times)),
        ),
        patchClaims(tx, patches, times.now),
        writeDown(tx, recorded, times, connectors),
      ]);
      await forgetFirstCalls(tx, failedStarts(recorded));
      await endByFinding(tx, recorded, times);
      await keepWaits(tx, newWaits(batch, times.real));
      return settleGrants(
        tx,
        recorded.flatMap(({ claims }) => claims),
        times,
        timing,
      );
    });
    // Counted once it is committed: a transaction may run twice, or not at all.
    for (const each of ended) metrics.ended(each);
  };

  async function settleAll(tx: Tx, batch: readonly Acted[], times: Times): Promise<Recorded[]> {
    const grantIds = batch.flatMap(({ leased }) => leased.claims.map(({ grantId }) => grantId));
    await lockGrants(tx, [...new Set(grantIds)]);
    const leases = batch.map(({ leased: { row } }) => ({ id: row.id, token: row.leaseToken ?? '' }));
    const rows = new Map((await lockLeased(tx, leases)).map((row) => [row.id, row]));
    const claims = byAssignment(await openClaims(tx, [...rows.keys()]));
    return batch.flatMap((acted) => {
      const row = rows.get(acted.leased.row.id);
      if (!row) return [];
      const own = claims.get(row.id) ?? [];
      return [{ acted, row, claims: own, settlement: settleOne(acted, row, own, times) }];
    });
  }

  function settleOne(
    acted: Acted,
    row: AssignmentRow,
    claims: readonly ClaimWithGrant[],
    times: Times,
  ): Settlement {
    const before = acted.leased.row;
    const isWanted = wanted(
      claims.map(({ grant }) => grant),
      times.now,
    );
    return settle(acted.leased.step, acted.outcome, {
      state: row.state,
      rereads: row.rereads,
      attempts: row.attempts,
      // What was unsettled when the lease was taken is a call that nobody saw the end of.
      lateLandingPossible: row.lateLandingPossible || before.unsettledUntil !== null,
      earlierUnsettledUntil: before.unsettledUntil,
      callUnsettledUntil: acted.callUnsettledUntil,
      endsSessions: connectors.get(row.connector)?.limits.endsSessions ?? false,
      stale: row.generation !== before.generation,
      wanted: isWanted,
      claimed: claims.length > 0,
      now: times.now,
      real: times.real,
      readBackEveryS: timing.readBackEveryS,
      jitter: random(),
    });
  }

  /** A finding that ends grants: held before Curfew came, refused by the target, or taken away by somebody else. */
  async function endByFinding(tx: Tx, recorded: readonly Recorded[], times: Times): Promise<void> {
    for (const { row, claims, settlement, acted } of recorded) {
      const open = claims.filter(({ grant }) => grant.state === 'starting' || grant.state === 'live');
      const ids = open.map(({ grantId }) => grantId);
      if (settlement.finding === 'held_before') {
        const note = `${row.account} held it outside Curfew before the grant began.`;
        await endGrants(tx, ids, { reason: 'failed', actor: 'curfew', by: null, note }, times);
      }
      if (settlement.finding === 'refused') {
        const starting = open.filter(({ grant }) => grant.state === 'starting');
        const note = `The target refused to give it: ${settlement.error?.message ?? 'no reason'}`.slice(
          0,
          500,
        );
        const refusedIds = starting.map(({ grantId }) => grantId);
        await endGrants(tx, refusedIds, { reason: 'failed', actor: 'curfew', by: null, note }, times);
      }
      if (settlement.finding === 'vanished') {
        const gone = acted.outcome.kind === 'read' ? acted.outcome.holding.gone : undefined;
        const note = gone
          ? `The ${gone} is gone in the target, and the access with it.`
          : 'Taken away in the target, outside Curfew.';
        await endGrants(tx, ids, { reason: 'revoked', actor: 'outside', by: null, note }, times);
      }
    }
  }
}

/** What targets have asked for, also by answers whose lease was lost meanwhile. */
function newWaits(batch: readonly Acted[], real: Date): ConnectorWait[] {
  return batch.flatMap(({ outcome, leased }) => {
    if (outcome.kind !== 'error') return [];
    const until = newWait({ code: outcome.code, retryAfterS: outcome.retryAfterS ?? 0 }, real);
    return until ? [{ connector: leased.row.connector, until }] : [];
  });
}

/** Grants that wait for an assignment whose grant was called in vain. */
function failedStarts(recorded: readonly Recorded[]): string[] {
  return recorded.flatMap(({ acted, claims }) =>
    acted.outcome.kind === 'error' && acted.outcome.gaveNothing && acted.leased.step !== 'remove'
      ? claims.map(({ grantId }) => grantId)
      : [],
  );
}

function assignmentPatch({ row, settlement, acted }: Recorded, times: Times): AssignmentPatch {
  const { outcome } = acted;
  const read = outcome.kind === 'read' || outcome.kind === 'held_before';
  const names = read && !outcome.holding.gone ? outcome.holding.renamed : null;
  return {
    id: row.id,
    state: settlement.state,
    dueAt: settlement.dueAt,
    retryAt: settlement.retryAt,
    generations: settlement.renew ? 1 : 0,
    attempts: settlement.attempts,
    lastError: settlement.error?.message.slice(0, 500) ?? null,
    lastErrorCode: settlement.error?.code ?? null,
    unsettledUntil: settlement.unsettledUntil,
    lateLandingPossible: settlement.lateLandingPossible,
    rereads: settlement.rereads,
    removedAt: settlement.removed ? times.real : row.removedAt,
    inherited: settlement.inherited ?? row.inherited,
    account: names?.account ?? row.account,
    renamedTo: names === null ? row.renamedTo : (names?.description ?? null),
    observedAt: read ? times.now : row.observedAt,
    absentAt: settlement.claims === 'release' && read ? times.now : row.absentAt,
  };
}

/** An audit event for each step that changed or found something, and lines where people should know. */
async function writeDown(
  tx: Tx,
  recorded: readonly Recorded[],
  times: Times,
  connectors: ReadonlyMap<string, Connector>,
): Promise<void> {
  const happenings: Happening[] = [];
  const unclaimed: AuditEntry[] = [];
  const last = await lastPlotsOf(
    tx,
    recorded.filter(({ claims }) => claims.length === 0).map(({ row }) => row.id),
  );
  const alerts: NoticeIntent[] = [];
  for (const { acted, row, claims, settlement } of recorded) {
    const renames = renamesOf(acted.outcome, row, connectors.get(row.connector));
    for (const finding of [...renames, ...findingsOf(acted, row, settlement)]) {
      const { actor, action, timeline } = finding;
      const details = { ...where(row), ...finding.details };
      for (const { plot } of claims) happenings.push({ plot, actor, action, details, timeline });
      if (claims.length === 0) {
        const plot = last.get(row.id);
        unclaimed.push({ actor, action, details: { ...(plot && grounds(plot)), ...details } });
      }
      if (finding.alert)
        alerts.push({ requestId: null, audience: 'alerts', platform: '', notice: finding.alert });
    }
  }
  await recordAudit(tx, times.now, unclaimed);
  await intendNotices(tx, alerts, times);
  await tell(tx, happenings, times);
}
