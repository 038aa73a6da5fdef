/**
 * Gathers what policy has to know before anybody is asked: the subject's account in every target, whether
 * it holds the access already, and what the ledger says. Network calls, no transaction. What cannot be
 * read is reported as unknown, never as absent.
 */
import { randomUUID } from 'node:crypto';
import { findAssignment, openClaims } from '../../db/assignments.ts';
import { openGrantsOf } from '../../db/grants.ts';
import { findPin } from '../../db/principals.ts';
import { findOpenRequest } from '../../db/requests.ts';
import type { IncidentRow } from '../../db/schema-incidents.ts';
import { readFreeze } from '../../db/switches.ts';
import { callConnector } from '../connectors/call.ts';
import { type CallContext, type Connector, ConnectorError } from '../connectors/connector.ts';
import type { EntitlementSpec, Role } from '../domain/catalog.ts';
import { incidentName, MANUAL_SOURCE } from '../domain/incident-name.ts';
import type { FrozenEntitlement } from '../domain/request.ts';
import { decide } from '../policy/decide.ts';
import type { AccessFacts, EntitlementFacts, IncidentFacts, Party } from '../policy/facts.ts';
import type { OperationContext } from './context.ts';
import { resolveIncident } from './resolve-incident.ts';

export interface Asked {
  readonly requester: Party & { readonly id: number };
  readonly subject: Party & { readonly id: number };
  readonly role: Role;
  readonly durationS: number;
  readonly reference: string | null;
  /** The ledger's id of an incident that was chosen. */
  readonly incidentId: number | null;
}

export interface Gathered {
  readonly facts: AccessFacts;
  /** Complete only when every account resolved. */
  readonly entitlements: readonly FrozenEntitlement[];
  /** The incident that is meant, open or not. */
  readonly incident: IncidentRow | null;
}

type EntitlementReading =
  | { readonly ok: true; readonly facts: EntitlementFacts; readonly frozen: FrozenEntitlement | null }
  | { readonly ok: false; readonly unknown: string };

export async function gatherFacts(ctx: OperationContext, asked: Asked): Promise<Gathered> {
  const { role, subject } = asked;
  const [freeze, open, held, named] = await Promise.all([
    readFreeze(ctx.ledger.db),
    findOpenRequest(ctx.ledger.db, subject.id, role.name),
    openGrantsOf(ctx.ledger.db, [subject.id]),
    resolveIncident(ctx, asked),
  ]);
  const heldGrant = held.find(({ grant }) => grant.role === role.name && grant.state !== 'ending');
  const incident = 'incident' in named ? named.incident : null;
  const unread: AccessFacts = {
    kind: 'access',
    now: ctx.clocks.now(),
    policyVersion: ctx.catalog.version,
    frozen: freeze?.on ?? false,
    role,
    requester: { email: asked.requester.email, name: asked.requester.name },
    subject: { email: subject.email, name: subject.name },
    durationS: asked.durationS,
    reference: asked.reference,
    incident: incident && incidentFacts(ctx, incident),
    incidentProblem: named.kind === 'refused' ? named.message : null,
    entitlements: [],
    unknown: named.kind === 'unknown' ? [named.message] : [],
    open: open
      ? { id: open.id, what: 'pending' }
      : heldGrant
        ? { id: heldGrant.grant.id, what: 'held' }
        : null,
  };
  // What the ledger and the catalog suffice to refuse costs no target a call.
  if (decide(unread).outcome === 'deny') return { facts: unread, entitlements: [], incident };
  const readings = await Promise.all(role.entitlements.map((spec) => readEntitlement(ctx, spec, subject)));
  const known = readings.flatMap((reading) => (reading.ok ? [reading] : []));
  return {
    facts: {
      ...unread,
      entitlements: known.map(({ facts }) => facts),
      unknown: readings.flatMap((reading) => (reading.ok ? [] : [reading.unknown])),
    },
    entitlements: known.flatMap(({ frozen }) => frozen ?? []),
    incident,
  };
}

export function incidentFacts(
  ctx: Pick<OperationContext, 'catalog' | 'incidents'>,
  incident: IncidentRow,
): IncidentFacts {
  const { source, severity, service, acknowledgedBy } = incident;
  return {
    open: incident.state === 'open',
    severity,
    service,
    acknowledgedBy,
    source,
    number: incidentName(incident),
    graceS: ctx.incidents.get(source)?.graceS ?? 0,
    trusted: source !== MANUAL_SOURCE || ctx.catalog.manualIncidentsTrusted,
  };
}

async function readEntitlement(
  ctx: OperationContext,
  spec: EntitlementSpec,
  subject: Party,
): Promise<EntitlementReading> {
  const connector = ctx.connectors.get(spec.connector);
  if (!connector) return { ok: false, unknown: `The connector ${spec.connector} is not configured.` };
  const description = connector.describe(spec.permission);
  const key = randomUUID();
  const call = <T>(expectTarget: string | null, run: (context: CallContext) => Promise<T>) =>
    callConnector(
      connector,
      {
        expectTarget,
        idempotencyKey: `curfew-${key}`,
        generation: 0,
        endsAt: null,
      },
      run,
    );
  try {
    const targetId = await call(null, (context) => connector.targetId(context));
    const resolved = await call(targetId, (context) =>
      connector.resolveAccount({ email: subject.email }, context),
    );
    const base = { connector: spec.connector, description };
    if (!resolved.ok) {
      const facts = { ...base, account: null, accountProblem: resolved.message, ...NOT_HELD };
      return { ok: true, facts, frozen: null };
    }
    const { account } = resolved;
    const edge = { permission: spec.permission as unknown, account };
    const holding = await call(targetId, (context) => connector.inspect(edge, context));
    const pin = await findPin(ctx.ledger.db, targetId, account);
    const frozen = freezeEntitlement(connector, spec, { targetId, account, description });
    const present = holding.direct || holding.inherited.length > 0;
    const facts: EntitlementFacts = {
      ...base,
      account,
      accountProblem: null,
      pinnedToAnother: pin !== null && pin !== subject.email,
      heldOutside: present && !(await explained(ctx, frozen, holding.inherited.length > 0)),
      heldThrough: holding.inherited,
    };
    return { ok: true, facts, frozen };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { ok: false, unknown: error.message };
  }
}

const NOT_HELD = { pinnedToAnother: false, heldOutside: false, heldThrough: [] } as const;

function freezeEntitlement(
  connector: Connector,
  spec: EntitlementSpec,
  found: { targetId: string; account: string; description: string },
): FrozenEntitlement {
  return {
    connector: spec.connector,
    permission: spec.permission,
    ...found,
    edge: connector.edge(spec.permission, found.account),
    sessionOutlivesRevokeS: connector.limits.sessionOutlivesRevokeS,
    endsSessions: connector.limits.endsSessions,
  };
}

/** Whether the ledger explains a direct holding: a grant of ours claims that edge, or its removal is under way. */
async function explained(
  ctx: OperationContext,
  edge: FrozenEntitlement,
  inherited: boolean,
): Promise<boolean> {
  if (inherited) return false;
  const assignment = await findAssignment(ctx.ledger.db, edge.targetId, edge.edge);
  if (!assignment || assignment.state === 'absent') return false;
  return assignment.state !== 'present' || (await openClaims(ctx.ledger.db, [assignment.id])).length > 0;
}
