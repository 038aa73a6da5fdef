/** The real PostgreSQL connector, with each of its calls a step, in a world whose real time was moved. */
import postgres from 'postgres';
import type { CallContext, Connector } from '../../src/connectors/connector.ts';
import {
  type PostgresPermission,
  postgresConnector,
} from '../../src/connectors/postgres/postgres-connector.ts';
import type { Steps } from './fault-steps.ts';

export interface TargetPlan {
  /** Curfew's own login there. */
  readonly url: string;
  readonly callTimeoutS: number;
  /**
   * True: grants go out as one bare statement, without limits in time or a transaction, as a careless
   * connector would send them, so that they can land after their sender's death.
   */
  readonly careless: boolean;
  /** What it declares; absent: what the real connector declares. */
  readonly maxLateLandingS?: number;
}

export function watchTarget(plan: TargetPlan, steps: Steps): Connector {
  const settings = { kind: 'postgres', url: plan.url, end_sessions: true, call_timeout_s: plan.callTimeoutS };
  const inner = postgresConnector.create(
    'prod-pg',
    postgresConnector.config.parse({ ...settings, accounts: { from: 'email_local_part' } }),
    ['acme.test'],
  );
  const bare = plan.careless ? postgres(plan.url, { max: 1, onnotice: () => {} }) : null;

  async function step<T>(
    name: string,
    call: CallContext,
    run: (call: CallContext) => Promise<T>,
  ): Promise<T> {
    await steps.pass(`target: before ${name}`);
    const result = await run(call);
    await steps.pass(`target: after ${name}`);
    return result;
  }

  const watched: Connector<PostgresPermission> = {
    ...inner,
    limits: { ...inner.limits, maxLateLandingS: plan.maxLateLandingS ?? inner.limits.maxLateLandingS },
    targetId: (call) => step('targetId', call, (own) => inner.targetId(own)),
    resolveAccount: (subject, call) => step('account', call, (own) => inner.resolveAccount(subject, own)),
    resolvePermission: (permission, call) =>
      step('permission', call, (own) => inner.resolvePermission(permission, own)),
    grant: (edge, call) =>
      step('GRANT', call, async (own) => {
        if (bare) await bare`grant ${bare(edge.permission.role)} to ${bare(edge.account)}`;
        else await inner.grant(edge, own);
      }),
    revoke: (edge, call) => step('REVOKE', call, (own) => inner.revoke(edge, own)),
    // The target's time was not moved: whatever session is there now was begun before.
    endSessions: (edge, _before, call) =>
      step('the end of sessions', call, (own) => inner.endSessions(edge, new Date(), own)),
    inspect: (edge, call) => step('a read', call, (own) => inner.inspect(edge, own)),
    async close() {
      await bare?.end({ timeout: 0 });
      await inner.close();
    },
  };
  return watched as Connector;
}
