/**
 * Runs one connector call as one transaction on the right server, within its deadline.
 *
 * What keeps a late call from landing: the statements of a transaction have no effect before COMMIT, we
 * never send COMMIT after the deadline, and the server has time limits of its own, set first of all: a
 * statement waits for locks no longer than until the deadline, and a transaction that has heard nothing
 * more from us for `LATE_S` (its COMMIT is held up on the line, or we are dead) is thrown away.
 * No limit of the server reaches a COMMIT that waits for a synchronous standby (statement_timeout ends
 * before; tried on 18): `grant` does not wait for one, see there.
 *
 * Identity is checked inside each transaction, so neither a pool nor a pooler can put another server, or
 * a lagging replica, in the place of the one that was meant.
 */
import postgres from 'postgres';
import type { PostgresAddress } from '../../net/postgres-url.ts';
import { type CallContext, ConnectorError } from '../connector.ts';
import { requireTime } from '../require-time.ts';
import { createTurns, NoTurn } from '../turns.ts';
import { postgresFailure } from './postgres-failure.ts';
import { openLink, type PostgresLink } from './postgres-link.ts';

/** Seconds after the deadline in which the server may still act. */
export const LATE_S = 4;

export interface PostgresTransactions {
  /** `work` gets the connection inside the transaction, and the target's id. Throws `ConnectorError`s. */
  run<T>(call: CallContext, work: (sql: postgres.Sql, target: string) => Promise<T>): Promise<T>;
  /** Cuts every connection; calls in flight and to come fail. */
  close(): void;
}

export function createPostgresTransactions(settings: {
  name: string;
  address: PostgresAddress;
  /** Connections at once; further calls wait for one, within their deadlines. Some are kept for ends. */
  concurrency: number;
}): PostgresTransactions {
  const { name, address, concurrency } = settings;
  const open = new Set<PostgresLink>();
  let idle: PostgresLink[] = [];
  // A connection is busy for longer than a call that was cut off: hence a line of its own.
  const turns = createTurns({ places: concurrency });
  let closed = false;

  /** Waits for a turn; the connection comes with it. */
  async function takeTurn(call: CallContext, over: AbortSignal): Promise<() => void> {
    try {
      const giveBack = await turns.take(call.urgency ?? 'end', over);
      if (!over.aborted && !closed) return giveBack;
      giveBack();
      throw new NoTurn();
    } catch {
      const code = closed ? 'closed' : over.aborted ? 'timeout' : 'busy';
      throw new ConnectorError('retryable', code, `${name}: no free connection`, { outcomeKnown: true });
    }
  }

  function takeLink(): PostgresLink {
    for (let link = idle.pop(); link; link = idle.pop()) {
      if (!link.gone.aborted) return link;
      open.delete(link);
    }
    const link = openLink(address);
    open.add(link);
    return link;
  }

  function drop(link: PostgresLink): void {
    open.delete(link);
    link.destroy();
  }

  async function run<T>(
    call: CallContext,
    work: (sql: postgres.Sql, target: string) => Promise<T>,
  ): Promise<T> {
    requireTime(name, call);
    const over = AbortSignal.any([
      call.signal,
      AbortSignal.timeout(Math.max(1, call.deadline.getTime() - Date.now())),
    ]);
    const giveBack = await takeTurn(call, over);
    const link = takeLink();
    let committing = false;
    let reusable = false;
    try {
      const result = await untilAborted(
        [over, link.gone],
        (async () => {
          const target = await begin(link.sql, call);
          const value = await work(link.sql, target);
          // The caller has been told that this failed: it must not be committed behind his back.
          over.throwIfAborted();
          committing = true;
          await link.sql.unsafe('commit');
          committing = false;
          return value;
        })(),
      );
      reusable = true;
      return result;
    } catch (error) {
      const cutOff = over.aborted ? cutOffBy(over, call) : null;
      reusable = !cutOff && stillInOrder(error) && (await rolledBack(link, over));
      // Connections that broke or fell silent rarely do so alone.
      if (!reusable) for (const each of idle.splice(0)) drop(each);
      if (closed) {
        throw new ConnectorError('retryable', 'closed', `${name}: closed`, { outcomeKnown: !committing });
      }
      throw postgresFailure(name, error, { committing, cutOff });
    } finally {
      if (reusable && !link.gone.aborted && !closed) idle.push(link);
      else drop(link);
      giveBack();
    }
  }

  /** Opens the transaction, sets its limits and checks whom we speak to, in one round trip. */
  async function begin(sql: postgres.Sql, call: CallContext): Promise<string> {
    const left = Math.max(1, call.deadline.getTime() - Date.now());
    const rows = await sql.unsafe(`begin;
      set local search_path = pg_catalog, pg_temp;
      set local statement_timeout = ${left};
      set local lock_timeout = ${left};
      set local idle_in_transaction_session_timeout = ${Math.min(left, LATE_S * 1000)};
      select system_identifier::text as target, pg_is_in_recovery() as replica from pg_control_system()`);
    const seen = (rows as unknown as { target?: string; replica?: boolean }[][]).at(-1)?.[0];
    if (!seen?.target) throw new Error('no answer to who are you');
    const known = { outcomeKnown: true };
    if (call.expectTarget !== null && call.expectTarget !== seen.target) {
      const words = `${name} is not the server it was (${seen.target}, expected ${call.expectTarget})`;
      throw new ConnectorError('terminal', 'target_replaced', words, known);
    }
    // A replica cannot be changed, and may not have heard yet of what it is asked for.
    if (seen.replica) throw new ConnectorError('retryable', 'read_only', `${name} is a replica now`, known);
    return seen.target;
  }

  return {
    run,
    close() {
      closed = true;
      for (const link of open) drop(link);
      idle = [];
      turns.close();
    },
  };
}

/** The server answered, and did not hang up with its answer. On any other error the link is not to be trusted. */
function stillInOrder(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return error.severity === 'ERROR';
  return error instanceof ConnectorError;
}

async function rolledBack(link: PostgresLink, over: AbortSignal): Promise<boolean> {
  return untilAborted([over, link.gone], link.sql.unsafe('rollback')).then(
    () => true,
    () => false,
  );
}

function cutOffBy(over: AbortSignal, call: CallContext): 'timeout' | 'aborted' {
  // Timers may fire a millisecond before the clock says so.
  const late = Date.now() >= call.deadline.getTime() - 1;
  const timedOut = over.reason instanceof DOMException && over.reason.name === 'TimeoutError';
  return late || timedOut ? 'timeout' : 'aborted';
}

/** Settles as the promise does, or rejects with the reason of the first signal that is aborted. */
function untilAborted<T>(signals: readonly AbortSignal[], promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signals.find((each) => each.aborted)?.reason);
    if (signals.some((each) => each.aborted)) abort();
    for (const each of signals) each.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => {
      for (const each of signals) each.removeEventListener('abort', abort);
    });
  });
}
