/** Makes one call to a connector: with a deadline that holds even when the connector ignores its signal. */
import { performance } from 'node:perf_hooks';
import { type CallContext, type Connector, ConnectorError } from './connector.ts';

export interface CallPlan {
  readonly expectTarget: string | null;
  readonly idempotencyKey: string;
  readonly generation: number;
  readonly endsAt: Date | null;
  /** How long it may take, seconds; unless told, as long as the connector allows a call. */
  readonly withinS?: number;
  /** Told how the call went (`ok`, or the error's code) and how long it took. */
  readonly measured?: (outcome: string, seconds: number) => void;
}

/** When a call that begins now is cut off, as the ledger has it. Real time. */
export function callDeadline(connector: Connector, begins: Date): Date {
  return new Date(begins.getTime() + connector.limits.callTimeoutS * 1000);
}

/** Until when the effect of a call that begins now may still land, were its outcome unknown. Real time. */
export function landsUntil(connector: Connector, begins: Date): Date {
  return new Date(callDeadline(connector, begins).getTime() + connector.limits.maxLateLandingS * 1000);
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
  const { withinS = connector.limits.callTimeoutS, ...rest } = plan;
  const controller = new AbortController();
  const context: CallContext = {
    ...rest,
    signal: controller.signal,
    // By this machine's clock, which connectors measure with. The ledger's may be another: a process whose
    // clock is wrong would else refuse every call as too late, or let calls land long after their deadline.
    deadline: new Date(Date.now() + withinS * 1000),
  };
  let timer: NodeJS.Timeout | undefined;
  const cutOff = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort();
      reject(
        new ConnectorError(
          'retryable',
          'timeout',
          `${connector.name} did not answer within ${Math.ceil(withinS)} s.`,
          {
            outcomeKnown: false,
          },
        ),
      );
    }, withinS * 1000);
  });
  try {
    return await Promise.race([call(context), cutOff]);
  } catch (error) {
    if (error instanceof ConnectorError) throw error;
    // The contract says that this cannot happen; the outcome is then unknown by definition.
    throw new ConnectorError('retryable', 'unexpected', `${connector.name} failed in an unexpected way.`, {
      outcomeKnown: false,
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}
