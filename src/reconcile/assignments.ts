/**
 * The assignment reconciler: lease what is due, act, record; again until nothing is due.
 *
 * A lease fences the ledger, not the target: a call's deadline is shorter than its lease, and a result is
 * recorded only under the lease it was made for. Each connector has its own number of calls in flight, so
 * that a target which does not answer holds up nobody else, and ends are leased before anything else, some of
 * those places being kept for them. Results are recorded together, as many as
 * have come while the last transaction ran.
 */
import { randomUUID } from 'node:crypto';
import { lastPlotsOf, openClaims } from '../../db/assignments.ts';
import { recordAudit } from '../../db/audit.ts';
import type { Ledger } from '../../db/client.ts';
import { readWaits } from '../../db/connector-waits.ts';
import { type DueKind, dueConnectors, leaseDue, markRemoving, releaseLease } from '../../db/leases.ts';
import { grounds } from '../../db/story.ts';
import { createBatcher } from '../batcher.ts';
import { holdOff, landsUntil, toldToWait } from '../connectors/call.ts';
import type { Connector } from '../connectors/connector.ts';
import { keptForEnds } from '../connectors/turns.ts';
import { plan } from '../domain/assignment.ts';
import type { Clocks } from '../domain/clock.ts';
import { wanted } from '../domain/grant.ts';
import type { Timing } from '../domain/timing.ts';
import type { Log } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import { type Acted, createActor, type Leased, leaseSeconds, Superseded, where } from './act.ts';
import { byAssignment } from './claim-patches.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { createRecorder } from './record.ts';

export interface AssignmentReconcilerOptions {
  readonly ledger: Ledger;
  /** The ledger for what begins: it takes no turn from what ends. */
  readonly starts: Ledger;
  readonly clocks: Clocks;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly timing: Timing;
  readonly log: Log;
  readonly metrics: Metrics;
  /** 0 to 1, for backoff. */
  readonly random: () => number;
  /** Called when something was recorded: cards may show an older state now. */
  readonly recorded: () => void;
}

const MOST_RECORDED_AT_ONCE = 200;
/** With more results than this waiting to be recorded, nothing more is begun. */
const MOST_UNRECORDED = 2 * MOST_RECORDED_AT_ONCE;
/** Slots for assignments whose connector is gone from the configuration. */
const MISSING_CONNECTOR_SLOTS = 4;

export function createAssignmentReconciler(options: AssignmentReconcilerOptions) {
  const { ledger, clocks, connectors, log } = options;
  const actor = createActor({ ...options, ledger: options.starts });
  const record = createBatcher(createRecorder(options), MOST_RECORDED_AT_ONCE);
  const inFlight = new Map<string, Record<DueKind, number>>();
  let tasks = 0;
  let calling = 0;
  let again = false;
  let wake = () => {};

  async function lease(connectorName: string, what: DueKind, limit: number): Promise<Leased[]> {
    if (limit <= 0) return [];
    const connector = connectors.get(connectorName);
    const now = clocks.now();
    const real = clocks.real();
    const until = new Date(real.getTime() + leaseSeconds(connector) * 1000);
    const wait = connector ? toldToWait(connector, real) : null;
    return ledger.tx(async (tx) => {
      const rows = await leaseDue(tx, {
        connector: connectorName,
        what,
        now,
        real,
        limit,
        token: randomUUID(),
        until,
      });
      const claims = byAssignment(
        await openClaims(
          tx,
          rows.map(({ id }) => id),
        ),
      );
      const leased = rows.map((row): Leased => {
        const own = claims.get(row.id) ?? [];
        const isWanted = wanted(
          own.map(({ grant }) => grant),
          now,
        );
        return { row, claims: own, step: plan(row, isWanted), leasedAt: real, wait };
      });
      // The intent to remove is committed before the target is asked to.
      const removals = connector && !wait ? leased.filter(({ step }) => step === 'remove') : [];
      if (connector && removals.length > 0) {
        const unclaimed = removals.filter(({ claims: own }) => own.length === 0);
        const last = await lastPlotsOf(
          tx,
          unclaimed.map(({ row }) => row.id),
        );
        await Promise.all([
          markRemoving(
            tx,
            removals.map(({ row }) => row.id),
            landsUntil(connector, real),
          ),
          recordAudit(
            tx,
            now,
            removals.map(({ row, claims: [claim] }) => {
              const plot = claim?.plot ?? last.get(row.id);
              return {
                actor: 'curfew',
                action: 'revoke.attempted',
                details: { ...(plot && grounds(plot)), ...where(row), attempt: row.attempts + 1 },
              };
            }),
          ),
        ]);
      }
      return leased;
    });
  }

  /** `called`: the calls are over, and the target is free for the next step. */
  async function work(leased: Leased, called: () => void): Promise<void> {
    const { row } = leased;
    try {
      const acted: Acted = await actor.act(leased).finally(called);
      await record(acted);
      options.recorded();
    } catch (error) {
      if (!(error instanceof Superseded)) throw error;
      await releaseLease(ledger.db, row);
    }
  }

  function start(leased: Leased, what: DueKind): void {
    const busy = inFlightAt(leased.row.connector);
    busy[what] += 1;
    tasks += 1;
    calling += 1;
    const called = () => {
      busy[what] -= 1;
      calling -= 1;
      wake();
    };
    void work(leased, called)
      .catch((err: unknown) => {
        // The ledger is down, perhaps: the lease runs out and the step is taken again.
        log.error({ err, assignment: leased.row.id, step: leased.step }, 'a step could not be recorded');
      })
      .finally(() => {
        tasks -= 1;
        wake();
      });
  }

  function inFlightAt(connector: string): Record<DueKind, number> {
    const known = inFlight.get(connector) ?? { ends: 0, others: 0 };
    inFlight.set(connector, known);
    return known;
  }

  /** Ends first, in every place that is free; everything else only in those that are not kept for ends. */
  async function leaseOf(name: string): Promise<number> {
    const places = connectors.get(name)?.limits.concurrency ?? MISSING_CONNECTOR_SLOTS;
    const busy = inFlightAt(name);
    const ends = await lease(name, 'ends', places - busy.ends - busy.others);
    for (const each of ends) start(each, 'ends');
    const free = places - busy.ends - busy.others;
    const others = await lease(name, 'others', Math.min(free, places - keptForEnds(places) - busy.others));
    for (const each of others) start(each, 'others');
    return ends.length + others.length;
  }

  async function leaseAll(): Promise<number> {
    let count = 0;
    if (tasks - calling >= MOST_UNRECORDED) return 0;
    const names = await dueConnectors(ledger.db, clocks.now(), clocks.real());
    if (names.length > 0) await heedWaits();
    for (const name of names) count += await leaseOf(name);
    return count;
  }

  /** What another process, or this one before it was started anew, was told by a target. */
  async function heedWaits(): Promise<void> {
    for (const { connector: name, until } of await readWaits(ledger.db, clocks.real())) {
      const connector = connectors.get(name);
      if (connector) holdOff(connector, until);
    }
  }

  async function run(): Promise<void> {
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      again = false;
      const leased = await leaseAll();
      if (leased === 0 && tasks === 0 && !again) return;
      if (tasks > 0 && !again) await woken;
    }
  }

  const loop = oneAtATime(run);

  return {
    /** Works until nothing is due. While it runs, another call makes it look again at once. */
    sweep(): Promise<void> {
      again = true;
      wake();
      return loop.go();
    },
    /** Resolves when no step is under way. */
    drain: loop.drain,
  };
}
