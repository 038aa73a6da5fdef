/**
 * Gathers what policy has to know before anybody is asked: the subject's account in every target, whether
 * it holds the access already, and what the ledger says. Network calls, no transaction. What cannot be
 * read is reported as unknown, never as absent.
 */
import { type GrantRow, openGrantsOf } from '../../db/grants.ts';
import { findOpenRequest } from '../../db/requests.ts';
import type { IncidentRow } from '../../db/schema-incidents.ts';
import { readFreeze } from '../../db/switches.ts';
import type { Role } from '../domain/catalog.ts';
import { incidentName, MANUAL_SOURCE } from '../domain/incident-name.ts';
import type { FrozenEntitlement } from '../domain/request.ts';
import { decide } from '../policy/decide.ts';
import type { AccessFacts, ExtensionFacts, IncidentFacts, Party, StandingFacts } from '../policy/facts.ts';
import type { OperationContext } from './context.ts';
import { readEntitlements } from './read-entitlements.ts';
import type { Standings } from './read-standing.ts';
import { resolveIncident } from './resolve-incident.ts';

export interface Asked {
  readonly requester: Party & { readonly id: number };
  readonly subject: Party & { readonly id: number };
  readonly role: Role;
  readonly durationS: number;
  readonly reference: string | null;
  /** The ledger's id of an incident that was chosen. */
  readonly incidentId: number | null;
  /** Asks the directories who is here; not called where something else denies already. */
  readonly standing: () => Promise<StandingFacts>;
  /** The request that is asked anew: it does not stand in its own way. */
  readonly own?: string;
}

export interface Gathered {
  readonly facts: AccessFacts;
  /** Complete only when every account resolved. */
  readonly entitlements: readonly FrozenEntitlement[];
  /** The incident that is meant, open or not. */
  readonly incident: IncidentRow | null;
}

export async function gatherFacts(ctx: OperationContext, asked: Asked): Promise<Gathered> {
  const { role, subject } = asked;
  const [freeze, pending, held] = await Promise.all([
    readFreeze(ctx.ledger.db),
    findOpenRequest(ctx.ledger.db, subject.id, role.name),
    openGrantsOf(ctx.ledger.db, [subject.id]),
  ]);
  const open = pending?.id === asked.own ? null : pending;
  const heldGrant = held.find(({ grant }) => grant.role === role.name && grant.state !== 'ending');
  // What the ledger suffices to refuse costs no directory a call.
  const isSettled = Boolean(freeze?.on || open || heldGrant);
  const [named, standing] = await Promise.all([
    resolveIncident(ctx, asked),
    isSettled ? null : asked.standing(),
  ]);
  const incident = 'incident' in named ? named.incident : null;
  const unread: AccessFacts = {
    kind: 'access',
    now: ctx.clocks.now(),
    policyVersion: ctx.catalog.version,
    frozen: freeze?.on ?? false,
    role,
    requester: { email: asked.requester.email, name: asked.requester.name },
    subject: { email: subject.email, name: subject.name },
    standing,
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
  const readings = await readEntitlements(ctx, role.entitlements, subject);
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
  const { source, nature, severity, service, acknowledgedBy } = incident;
  return {
    open: incident.state === 'open',
    nature,
    severity,
    service,
    acknowledgedBy,
    source,
    number: incidentName(incident),
    graceS: ctx.incidents.get(source)?.graceS ?? 0,
    trusted: source !== MANUAL_SOURCE || ctx.catalog.manualIncidentsTrusted,
  };
}

export function standingFacts(standings: Standings): StandingFacts {
  const those = (standing: string) =>
    [...standings].flatMap(([email, found]) => (found === standing ? [email] : []));
  return { present: those('present'), unread: those('unread') };
}

/** What policy has to know before more time is given. */
export function extensionFacts(
  ctx: Pick<OperationContext, 'catalog' | 'clocks' | 'incidents'>,
  asked: Pick<
    ExtensionFacts,
    'role' | 'requester' | 'subject' | 'durationS' | 'frozen' | 'standing' | 'open'
  > & {
    readonly incident: IncidentRow | null;
    readonly grant: GrantRow;
  },
): ExtensionFacts {
  const { requester, subject, incident, grant } = asked;
  return {
    kind: 'extension',
    now: ctx.clocks.now(),
    policyVersion: ctx.catalog.version,
    frozen: asked.frozen,
    role: asked.role,
    requester: { email: requester.email, name: requester.name },
    subject: { email: subject.email, name: subject.name },
    standing: asked.standing,
    durationS: asked.durationS,
    incident: incident && incidentFacts(ctx, incident),
    grant: {
      id: grant.id,
      live: grant.state === 'live',
      endsAt: grant.endsAt,
      durationS: grant.durationS,
    },
    open: asked.open,
  };
}
