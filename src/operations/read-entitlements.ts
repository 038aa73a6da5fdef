/**
 * What targets say of a role's entitlements: the subject's account, and whether it holds the access already.
 * Each target is asked once who it is and once for the account, however many entitlements it gives, and its
 * questions are asked one after the other, so that a role of twenty entitlements takes one place at a target.
 */
import { randomUUID } from 'node:crypto';
import { findPin } from '../../db/account-links.ts';
import { findAssignment, openClaims } from '../../db/assignments.ts';
import { keepWaits, readWaits } from '../../db/connector-waits.ts';
import { callConnector, holdOff, newWait } from '../connectors/call.ts';
import {
  type CallContext,
  type Connector,
  ConnectorError,
  type EdgeRef,
  type Holding,
} from '../connectors/connector.ts';
import type { EntitlementSpec } from '../domain/catalog.ts';
import { edgeName } from '../domain/holding.ts';
import type { FrozenEntitlement } from '../domain/request.ts';
import { LaneFull } from '../lane.ts';
import type { EntitlementFacts, Party } from '../policy/facts.ts';
import type { OperationContext } from './context.ts';

export type EntitlementReading =
  | { readonly ok: true; readonly facts: EntitlementFacts; readonly frozen: FrozenEntitlement | null }
  /** A sentence: what could not be read, and why. */
  | { readonly ok: false; readonly unknown: string };

/**
 * One reading for each entitlement; one alone for a target that could not be read. In the role's order.
 * Rejects with `LaneFull` where the subject causes too many reads already, or a target is kept busy by others.
 */
export async function readEntitlements(
  ctx: OperationContext,
  entitlements: readonly EntitlementSpec[],
  subject: Party,
): Promise<readonly EntitlementReading[]> {
  const names = [...new Set(entitlements.map(({ connector }) => connector))];
  const leave = ctx.reads ? ctx.reads.enter(subject.email, names.length) : () => {};
  if (!leave) throw new LaneFull();
  try {
    return await readTargets(ctx, names, entitlements, subject);
  } finally {
    leave();
  }
}

async function readTargets(
  ctx: OperationContext,
  names: readonly string[],
  entitlements: readonly EntitlementSpec[],
  subject: Party,
): Promise<readonly EntitlementReading[]> {
  for (const { connector: name, until } of await readWaits(ctx.ledger.db, ctx.clocks.real())) {
    const connector = ctx.connectors.get(name);
    if (connector) holdOff(connector, until);
  }
  const byTarget = new Map(
    await Promise.all(
      names.map(async (name): Promise<[string, EntitlementReading[]]> => {
        const own = entitlements.filter(({ connector }) => connector === name);
        return [name, await readTarget(ctx, name, own, subject)];
      }),
    ),
  );
  return entitlements.flatMap(({ connector }) => byTarget.get(connector)?.shift() ?? []);
}

async function readTarget(
  ctx: OperationContext,
  name: string,
  specs: readonly EntitlementSpec[],
  subject: Party,
): Promise<EntitlementReading[]> {
  const connector = ctx.connectors.get(name);
  if (!connector) return [{ ok: false, unknown: `The connector ${name} is not configured.` }];
  const same = { idempotencyKey: `curfew-${randomUUID()}`, generation: 0, endsAt: null };
  const plan = { ...same, urgency: 'read', realNow: ctx.clocks.real } as const;
  const call = <T>(expectTarget: string | null, run: (context: CallContext) => Promise<T>) =>
    callConnector(connector, { ...plan, expectTarget }, run);
  try {
    const targetId = await call(null, (context) => connector.targetId(context));
    const resolved = await call(targetId, (context) =>
      connector.resolveAccount({ email: subject.email }, context),
    );
    if (!resolved.ok) {
      return specs.map((spec) => {
        const description = connector.describe(spec.permission);
        const facts = { connector: name, description, account: null, accountProblem: resolved.message };
        return { ok: true, facts: { ...facts, ...NOT_HELD }, frozen: null };
      });
    }
    const { account, accountId } = resolved;
    const pin = await findPin(ctx.ledger.db, targetId, accountId);
    const pinnedToAnother = pin !== null && pin !== subject.email;
    const readings: EntitlementReading[] = [];
    for (const spec of specs) {
      const permission: unknown = spec.permission;
      const found = await call(targetId, (context) => connector.resolvePermission(permission, context));
      if (!found.ok) {
        readings.push({ ok: false, unknown: found.message });
        continue;
      }
      const edge = { permission, permissionId: found.permissionId, account, accountId };
      const frozen = freezeEntitlement(connector, spec, { ...edge, targetId });
      const look = () => call(targetId, (context) => connector.inspect(edge, context));
      let holding = await look();
      let heldOutside = await isHeldOutside(ctx, frozen, holding);
      if (heldOutside && holding.direct) {
        // A removal of ours may have landed, and been recorded, between the two looks.
        holding = await look();
        heldOutside = await isHeldOutside(ctx, frozen, holding);
      }
      const { description } = frozen;
      const about = { connector: name, description, account, accountProblem: null, pinnedToAnother };
      const facts = { ...about, heldOutside, heldThrough: holding.inherited };
      readings.push({ ok: true, facts, frozen });
    }
    return readings;
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    if (error.code === 'busy') throw new LaneFull();
    const until = newWait(error, ctx.clocks.real());
    if (until) await keepWaits(ctx.ledger.db, [{ connector: name, until }]);
    return [{ ok: false, unknown: error.message }];
  }
}

const NOT_HELD = { pinnedToAnother: false, heldOutside: false, heldThrough: [] } as const;

function freezeEntitlement(
  connector: Connector,
  spec: EntitlementSpec,
  { targetId, permissionId, account, accountId }: EdgeRef<unknown> & { readonly targetId: string },
): FrozenEntitlement {
  return {
    connector: spec.connector,
    permission: spec.permission,
    permissionId,
    targetId,
    account,
    accountId,
    description: connector.describe(spec.permission),
    edge: edgeName({ permissionId, accountId }),
    sessionOutlivesRevokeS: connector.limits.sessionOutlivesRevokeS,
    endsSessions: connector.limits.endsSessions,
  };
}

/** Held, and the ledger does not explain it: no grant of ours claims that edge, and no removal is under way. */
async function isHeldOutside(
  ctx: OperationContext,
  edge: FrozenEntitlement,
  { direct, inherited }: Holding,
): Promise<boolean> {
  if (inherited.length > 0) return true;
  if (!direct) return false;
  const assignment = await findAssignment(ctx.ledger.db, edge.targetId, edge.edge);
  if (!assignment || assignment.state === 'absent') return true;
  if (assignment.state !== 'present') return false;
  return (await openClaims(ctx.ledger.db, [assignment.id])).length === 0;
}
