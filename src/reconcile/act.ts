/**
 * One step on one leased assignment: the calls, and nothing but the calls. What comes back is recorded by
 * `record.ts`. The only write in between is the attempt, committed before a grant is called.
 */
import type { AssignmentRow, ClaimWithGrant } from '../../db/assignments.ts';
import { recordAudit } from '../../db/audit.ts';
import type { Ledger } from '../../db/client.ts';
import { markAttempt } from '../../db/leases.ts';
import { grounds } from '../../db/story.ts';
import { callConnector, callDeadline, landsUntil } from '../connectors/call.ts';
import { type CallContext, type Connector, ConnectorError } from '../connectors/connector.ts';
import type { Urgency } from '../connectors/turns.ts';
import type { Outcome, Step } from '../domain/assignment.ts';
import type { Clocks } from '../domain/clock.ts';
import { endFromCall, grantWants } from '../domain/grant.ts';
import type { Metrics } from '../observability/metrics.ts';

export interface Leased {
  readonly row: AssignmentRow;
  readonly claims: readonly ClaimWithGrant[];
  readonly step: Step;
  /** Real: when the lease was taken, and with it a removal written down. */
  readonly leasedAt: Date;
  /** The target wanted to be left alone when the lease was taken: nothing is called. */
  readonly wait: ConnectorError | null;
}

export interface Acted {
  readonly leased: Leased;
  readonly outcome: Outcome;
  /** Real: until when the call made in this step may land, were its outcome unknown. */
  readonly callUnsettledUntil: Date | null;
}

interface Attempt {
  /** Real: when the call's time began. */
  readonly begins: Date;
  /** Ledger: when the last of the grants that wait for it closes, now that their time runs. */
  readonly endsAt: Date | null;
}

export interface ActorOptions {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly metrics: Metrics;
}

/** Thrown inside a step when the lease was lost or the inputs changed: nothing was called, nothing is recorded. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}

/**
 * The target's clock may be ahead of ours. A session begun within this time after the removal has nothing
 * to lose by being ended; one begun before it has to end.
 */
const CLOCK_ALLOWANCE_S = 60;

const URGENCY: Readonly<Record<Step, Urgency>> = {
  remove: 'end',
  end_sessions: 'end',
  reread: 'end',
  begin: 'grant',
  resume: 'grant',
  observe: 'read',
  settle: 'read',
};

/** A lease covers every call that a step can make, so that no call outlives it. Seconds. */
export function leaseSeconds(connector: Connector | undefined): number {
  return (connector?.limits.callTimeoutS ?? 5) * 2 + 1;
}

export function createActor({ ledger, clocks, connectors, metrics }: ActorOptions) {
  async function act(leased: Leased): Promise<Acted> {
    const { row, step } = leased;
    const connector = connectors.get(row.connector);
    let called: Date | null = null;
    let answered = false;
    const call = <T>(
      name: string,
      run: (target: Connector, context: CallContext) => Promise<T>,
      more: { withinS?: number; endsAt?: Date | null } = {},
    ) => {
      if (!connector) throw missing(row);
      const plan = {
        expectTarget: row.targetId,
        urgency: URGENCY[step],
        realNow: clocks.real,
        idempotencyKey: `curfew-${row.id}-${row.generation}-${name}`,
        generation: row.generation,
        endsAt: latestEnd(leased, clocks.now()),
        ...more,
        measured: (outcome: string, seconds: number) =>
          metrics.called({ connector: connector.name, step: name, outcome, seconds }),
      };
      return callConnector(connector, plan, (context) => run(connector, context));
    };
    const { permissionId, account, accountId } = row;
    const edge = { permission: row.permission as unknown, permissionId, account, accountId };
    const inspect = async (): Promise<Outcome> => {
      const readBegunAt = clocks.real();
      const holding = await call('inspect', (target, context) => target.inspect(edge, context));
      return { kind: 'read', holding, readBegunAt };
    };
    const grant = async (): Promise<Outcome> => {
      const { begins, endsAt } = await attempt(leased, connector);
      called = begins;
      const withinS = timeLeft(connector, begins);
      await call('grant', (target, context) => target.grant(edge, context), { withinS, endsAt });
      answered = true;
      return await inspect();
    };
    const done = (outcome: Outcome): Acted => ({
      leased,
      outcome,
      callUnsettledUntil: called && connector ? landsUntil(connector, called) : null,
    });

    try {
      if (step === 'settle') return done({ kind: 'nothing_to_do' });
      if (leased.wait) throw leased.wait;
      switch (step) {
        case 'begin': {
          const before = await inspect();
          if (before.kind === 'read' && (before.holding.direct || before.holding.inherited.length > 0)) {
            return done({ kind: 'held_before', holding: before.holding });
          }
          return done(await grant());
        }
        case 'resume': {
          const seen = await inspect();
          return done(seen.kind === 'read' && seen.holding.direct ? seen : await grant());
        }
        case 'observe':
        case 'reread':
          return done(await inspect());
        case 'remove':
          called = leased.leasedAt;
          try {
            const withinS = timeLeft(connector, called);
            await call('revoke', (target, context) => target.revoke(edge, context), { withinS });
          } catch (error) {
            if (!isRefusal(error)) throw error;
            // Perhaps since it is not there: what counts is what the target shows.
            const seen = await inspect();
            if (seen.kind !== 'read' || seen.holding.direct) throw error;
            return done(seen);
          }
          answered = true;
          return done(await inspect());
        case 'end_sessions': {
          const removedAt = row.removedAt ?? clocks.real();
          const before = new Date(removedAt.getTime() + CLOCK_ALLOWANCE_S * 1000);
          const count = await call('end-sessions', (target, context) =>
            target.endSessions(edge, before, context),
          );
          return done({ kind: 'sessions_ended', count });
        }
      }
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      const { code, message, retryAfterS } = error;
      // A read that fails after the change was answered leaves no doubt about the change.
      const outcomeKnown = answered || error.outcomeKnown;
      const gaveNothing = called !== null && !answered && outcomeKnown;
      const refused = gaveNothing && isRefusal(error) && step !== 'remove';
      const said = { kind: 'error', code, message, retryAfterS } as const;
      return done({ ...said, outcomeKnown, called: called !== null, gaveNothing, refused });
    }
  }

  /**
   * What is left for a change whose time was written down as beginning at `begins`: writing it down took
   * some of it, and the call has to be over when the ledger says that it is.
   */
  function timeLeft(connector: Connector | undefined, begins: Date): number {
    const allowedS = connector?.limits.callTimeoutS ?? 0;
    const leftS = allowedS - (clocks.real().getTime() - begins.getTime()) / 1000;
    if (connector && leftS < allowedS / 10) throw new Superseded();
    return leftS;
  }

  /** Commits baseline and attempt; only then may the target be called. */
  async function attempt({ row, claims }: Leased, connector: Connector | undefined): Promise<Attempt> {
    if (!connector) throw missing(row);
    const now = clocks.now();
    const waiting = claims.filter(({ grant }) => grantWants(grant, now));
    // The window closed since the lease was taken: time alone bumps no generation.
    if (waiting.length === 0) throw new Superseded();
    const begins = clocks.real();
    const leaseUntil = new Date(begins.getTime() + leaseSeconds(connector) * 1000);
    const ours = await ledger.tx(async (tx) => {
      const held = await markAttempt(tx, {
        row,
        waitingGrants: waiting.map(({ grantId }) => grantId),
        now,
        leaseUntil,
        unsettledUntil: landsUntil(connector, begins),
      });
      if (!held) return false;
      await recordAudit(
        tx,
        now,
        waiting.map(({ plot }) => ({
          actor: 'curfew',
          action: 'grant.attempted',
          details: {
            ...grounds(plot),
            ...where(row),
            baseline: 'absent',
            deadline: callDeadline(connector, begins),
          },
        })),
      );
      return true;
    });
    if (!ours) throw new Superseded();
    return { begins, endsAt: latest(waiting.map(({ grant }) => endFromCall(grant, now))) };
  }

  return { act };
}

/** The target said no, for good, and did nothing. */
function isRefusal(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && error.kind === 'terminal' && error.outcomeKnown;
}

/** Which edge of which target, for audit events. */
export function where(row: AssignmentRow): Readonly<Record<string, unknown>> {
  const { connector, targetId, edge, account, generation } = row;
  return { connector, target: targetId, edge, account, generation };
}

function missing(row: AssignmentRow): ConnectorError {
  return new ConnectorError(
    'terminal',
    'connector_missing',
    `The connector ${row.connector} is not configured any more.`,
    {
      outcomeKnown: true,
    },
  );
}

/** When the last of the grants that want this assignment closes; null when none does. */
function latestEnd({ claims }: Leased, now: Date): Date | null {
  return latest(claims.filter(({ grant }) => grantWants(grant, now)).map(({ grant }) => grant.endsAt));
}

function latest(dates: readonly Date[]): Date | null {
  return dates.reduce<Date | null>((found, date) => (found && found > date ? found : date), null);
}
