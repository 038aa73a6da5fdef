/**
 * Makes one call to a connector: in its turn, with a deadline that holds even when the connector ignores its
 * signal, and never while the target has told us to wait.
 *
 * Turns and waits belong to the connector, not to the caller: whoever calls it in this process, for whatever
 * edge, stands in one line and waits for the same moment. Waits are kept in the ledger as well, by those who
 * call this, for other processes and the next start.
 */
import { performance } from 'node:perf_hooks';
import { type CallContext, type Connector, ConnectorError } from './connector.ts';
import { createTurns, type Turns, type Urgency } from './turns.ts';

export interface CallPlan {
  readonly expectTarget: string | null;
  readonly idempotencyKey: string;
  readonly generation: number;
  readonly endsAt: Date | null;
  /** Unless told, `read`. */
  readonly urgency?: Urgency;
  /** Real time, by which waits are counted. */
  readonly realNow?: () => Date;
  /** How long it may take, its turn included, seconds; unless told, as long as the connector allows a call. */
  readonly withinS?: number;
  /** Told how the call went (`ok`, or the error's code) and how long it took. */
  readonly measured?: (outcome: string, seconds: number) => void;
}

const TOLD_TO_WAIT = 'told_to_wait';

const machineNow = () => new Date();

interface Line {
  readonly turns: Turns;
  /** Real. */
  waitUntil: Date | null;
}

const lines = new WeakMap<Connector, Line>();

function lineOf(connector: Connector): Line {
  const known = lines.get(connector);
  if (known) return known;
  const line: Line = { turns: createTurns({ places: connector.limits.concurrency }), waitUntil: null };
  lines.set(connector, line);
  return line;
}

/** When a call that begins now is cut off, as the ledger has it. Real time. */
export function callDeadline(connector: Connector, begins: Date): Date {
  return new Date(begins.getTime() + connector.limits.callTimeoutS * 1000);
}

/** Until when the effect of a call that begins now may still land, were its outcome unknown. Real time. */
export function landsUntil(connector: Connector, begins: Date): Date {
  return new Date(callDeadline(connector, begins).getTime() + connector.limits.maxLateLandingS * 1000);
}

/** No call is made to this connector before then. Real; never shortens a wait. */
export function holdOff(connector: Connector, until: Date): void {
  const line = lineOf(connector);
  if (!line.waitUntil || line.waitUntil < until) line.waitUntil = until;
}

/** Why no call may be made now, where the target has told us to wait; null where it may. */
export function toldToWait(connector: Connector, realNow: Date): ConnectorError | null {
  const { waitUntil } = lineOf(connector);
  if (!waitUntil || waitUntil <= realNow) return null;
  const retryAfterS = Math.ceil((waitUntil.getTime() - realNow.getTime()) / 1000);
  const at = `${waitUntil.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  const message = `${connector.name} has asked Curfew to make no calls before ${at}.`;
  return new ConnectorError('retryable', TOLD_TO_WAIT, message, { outcomeKnown: true, retryAfterS });
}

/** Runs `call`; rejects with a `ConnectorError`, whatever went wrong. */
export async function callConnector<T>(
  connector: Connector,
  plan: CallPlan,
  call: (context: CallContext) => Promise<T>,
): Promise<T> {
  const { measured, ...bounds } = plan;
  const began = performance.now();
  const over = (outcome: string) => measured?.(outcome, (performance.now() - began) / 1000);
  try {
    const result = await callInTime(connector, bounds, call);
    over('ok');
    return result;
  } catch (error) {
    over(error instanceof ConnectorError ? error.code : 'unexpected');
    throw error;
  }
}

async function callInTime<T>(
  connector: Connector,
  plan: Omit<CallPlan, 'measured'>,
  call: (context: CallContext) => Promise<T>,
): Promise<T> {
  const { withinS = connector.limits.callTimeoutS, urgency = 'read', realNow = machineNow, ...rest } = plan;
  const assertMayCall = () => {
    const wait = toldToWait(connector, realNow());
    if (wait) throw wait;
  };
  assertMayCall();
  const controller = new AbortController();
  const context: CallContext = {
    ...rest,
    urgency,
    assertMayCall,
    signal: controller.signal,
    // By this machine's clock, which connectors measure with. The ledger's may be another: a process whose
    // clock is wrong would else refuse every call as too late, or let calls land long after their deadline.
    deadline: new Date(Date.now() + withinS * 1000),
  };
  let timer: NodeJS.Timeout | undefined;
  let giveBack = () => {};
  const cutOff = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort();
      const message = `${connector.name} did not answer within ${Math.ceil(withinS)} s.`;
      reject(new ConnectorError('retryable', 'timeout', message, { outcomeKnown: false }));
    }, withinS * 1000);
  });
  // Nobody hears of it where the time runs out before the turn comes.
  cutOff.catch(() => {});
  try {
    giveBack = await lineOf(connector)
      .turns.take(urgency, controller.signal)
      .catch(() => {
        throw busy(connector);
      });
    assertMayCall();
    return await Promise.race([call(context), cutOff]);
  } catch (error) {
    if (error instanceof ConnectorError) {
      const until = newWait(error, realNow());
      if (until) holdOff(connector, until);
      throw error;
    }
    // The contract says that this cannot happen; the outcome is then unknown by definition.
    throw new ConnectorError('retryable', 'unexpected', `${connector.name} failed in an unexpected way.`, {
      outcomeKnown: false,
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    giveBack();
  }
}

/**
 * Until when a target that answered with this at `realNow` is to be left alone; null where it said nothing of
 * that, or where this is only what `toldToWait` says of an earlier answer.
 */
export function newWait(said: { code: string; retryAfterS: number }, realNow: Date): Date | null {
  if (said.retryAfterS <= 0 || said.code === TOLD_TO_WAIT) return null;
  return new Date(realNow.getTime() + said.retryAfterS * 1000);
}

function busy(connector: Connector): ConnectorError {
  const message = `${connector.name} is busy with other calls: try again in a moment.`;
  return new ConnectorError('retryable', 'busy', message, { outcomeKnown: true });
}
