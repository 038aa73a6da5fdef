import { type CallContext, ConnectorError } from './connector.ts';

/**
 * Throws, with the outcome known, when a call is aborted or overdue, or the target has meanwhile asked us to
 * wait: nothing of it may be sent any more.
 */
export function requireTime(name: string, call: CallContext): void {
  call.assertMayCall?.();
  if (!call.signal.aborted && call.deadline.getTime() > Date.now()) return;
  throw new ConnectorError('retryable', 'timeout', `${name}: the time for the call is over`, {
    outcomeKnown: true,
  });
}
