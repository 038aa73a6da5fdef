/**
 * What a reference means: an incident that is open, or not; a ticket that no source of incidents knows as its
 * own; or something that cannot be told, which denies. Network calls, no transaction.
 */
import { survivorOf } from '../../db/incident-merges.ts';
import { applyAnswer, findIncident, incidentById } from '../../db/incidents.ts';
import type { IncidentRow } from '../../db/schema-incidents.ts';
import { stateSaid } from '../domain/incident.ts';
import { incidentName, MANUAL_SOURCE, manualKey } from '../domain/incident-name.ts';
import { isHearsay, UNCONFIRMED_AFTER_S } from '../domain/incident-news.ts';
import type { IncidentSource } from '../incidents/source.ts';
import { askSource } from './ask-source.ts';
import type { OperationContext } from './context.ts';

/** So recent a confirmation is not asked for again, real. */
const FRESH_MS = 60_000;

export type ResolvedIncident =
  /** No source knows this word as its own: a ticket. */
  | { readonly kind: 'none' }
  /** Open. */
  | { readonly kind: 'incident'; readonly incident: IncidentRow }
  /** A source says that it is closed (then `incident` is it), or that there is no such one. */
  | { readonly kind: 'refused'; readonly message: string; readonly incident: IncidentRow | null }
  /** It would be an incident, and nobody can say whether it is. */
  | { readonly kind: 'unknown'; readonly message: string };

export interface NamedIncident {
  readonly reference: string | null;
  /** The ledger's id, where it was chosen from those that the ledger knows. */
  readonly incidentId: number | null;
}

type Ctx = Pick<OperationContext, 'ledger' | 'clocks' | 'incidents' | 'log'>;

type Finding =
  | { readonly kind: 'has'; readonly source: string; readonly incident: IncidentRow }
  | { readonly kind: 'has-not'; readonly source: string }
  | { readonly kind: 'unknown'; readonly why: string };

export async function resolveIncident(ctx: Ctx, named: NamedIncident): Promise<ResolvedIncident> {
  if (named.incidentId !== null) {
    const found = await findChosen(ctx, named.incidentId);
    return found ? verdict(ctx, named.reference ?? 'this', [found]) : GONE;
  }
  const { reference } = named;
  if (reference === null) return { kind: 'none' };
  const [byHand, ...findings] = await Promise.all([
    findByHand(ctx, reference),
    ...recognising(ctx, reference).map(({ source, name }) => lookUp(ctx, source, name)),
  ]);
  // A closed one that was opened by hand does not stand in the way of a source's own.
  const others = findings.some(({ kind }) => kind === 'has');
  const counts = byHand && (byHand.incident.state === 'open' || !others);
  return verdict(ctx, reference, counts ? [byHand, ...findings] : findings);
}

/** Those sources that may know this word, and the name under which they would. */
function recognising(ctx: Ctx, word: string): { source: IncidentSource; name: string }[] {
  return [...ctx.incidents.values()].flatMap((source) => {
    const name = source.recognises(word);
    return name === null ? [] : [{ source, name }];
  });
}

const GONE: ResolvedIncident = {
  kind: 'refused',
  message: 'The incident that was chosen is not known any more.',
  incident: null,
};

async function findChosen(ctx: Ctx, id: number): Promise<Finding | null> {
  const row = await incidentById(ctx.ledger.db, id);
  if (!row) return null;
  if (row.source === MANUAL_SOURCE) return { kind: 'has', source: MANUAL_SOURCE, incident: row };
  const source = ctx.incidents.get(row.source);
  if (!source) return { kind: 'unknown', why: `The source ${row.source} is not configured any more.` };
  return confirm(ctx, source, row.key, row);
}

async function findByHand(ctx: Ctx, word: string): Promise<Extract<Finding, { kind: 'has' }> | null> {
  const key = manualKey(word);
  const incident = key === null ? null : await findIncident(ctx.ledger.db, MANUAL_SOURCE, key);
  return incident && { kind: 'has', source: MANUAL_SOURCE, incident };
}

async function lookUp(ctx: Ctx, source: IncidentSource, name: string): Promise<Finding> {
  return confirm(ctx, source, name, await findIncident(ctx.ledger.db, source.name, name));
}

/** What the source says, unless the ledger heard it just now; what it says is recorded. */
async function confirm(
  ctx: Ctx,
  source: IncidentSource,
  name: string,
  row: IncidentRow | null,
): Promise<Finding> {
  const known = row && isHearsay(row) ? null : row;
  const has = (incident: IncidentRow): Finding => ({ kind: 'has', source: source.name, incident });
  const ageMs = known ? ctx.clocks.real().getTime() - known.confirmedAt.getTime() : Number.POSITIVE_INFINITY;
  const stands = ageMs <= UNCONFIRMED_AFTER_S * 1000;
  if (!source.polls) {
    // Nothing confirms it before it is told of again: what would end at once is not given.
    if (known && (stands || source.unconfirmed === 'keep')) return has(known);
    const when = known ? ' for 30 minutes' : '';
    return { kind: 'unknown', why: `${source.name} has not told of ${name}${when}, and cannot be asked.` };
  }
  if (known && known.nature !== null && ageMs <= FRESH_MS) return has(known);
  const began = ctx.clocks.real();
  const answer = await askSource(ctx, source, (signal) => source.find(name, signal));
  if (!answer.ok) return known && stands ? has(known) : { kind: 'unknown', why: answer.why };
  if (!answer.value) return { kind: 'has-not', source: source.name };
  // As of when it was asked for, by the clock that everything else goes by.
  const sighting = { ...answer.value, at: began };
  const times = { now: ctx.clocks.now(), real: ctx.clocks.real() };
  const applied = await ctx.ledger.tx((tx) => applyAnswer(tx, source, sighting, row, times));
  if (applied?.incident.state === stateSaid(sighting)) return has(applied.incident);
  return {
    kind: 'unknown',
    why: `${source.name} says two things of ${name} just now: try again in a moment.`,
  };
}

async function verdict(ctx: Ctx, word: string, findings: readonly Finding[]): Promise<ResolvedIncident> {
  const having = findings.flatMap((finding) => (finding.kind === 'has' ? [finding] : []));
  const [only, second] = having;
  if (only && second) {
    const names = having.map(({ source }) => source).join(' and ');
    const message = `${word} is an incident of ${names} alike: give the link of the one that you mean.`;
    return { kind: 'refused', message, incident: null };
  }
  if (only) {
    const meant = await goesOn(ctx, only.incident);
    if (meant.kind === 'unknown') return { kind: 'unknown', message: meant.why };
    if (meant.kind === 'has-not') return hasNot(word, [meant.source]);
    const { incident } = meant;
    if (incident.state === 'open') return { kind: 'incident', incident };
    return { kind: 'refused', message: closedMessage(incident), incident };
  }
  const unknown = findings.flatMap((finding) => (finding.kind === 'unknown' ? [finding.why] : []));
  if (unknown.length > 0) return { kind: 'unknown', message: unknown.join(' ') };
  const deny = findings.flatMap((finding) => (finding.kind === 'has-not' ? [finding.source] : []));
  return deny.length === 0 ? { kind: 'none' } : hasNot(word, deny);
}

function hasNot(word: string, sources: readonly string[]): ResolvedIncident {
  const message = `There is no incident ${word} at ${sources.join(' or ')}.`;
  return { kind: 'refused', message, incident: null };
}

export function closedMessage(incident: IncidentRow): string {
  const by = incident.source === MANUAL_SOURCE ? 'it was closed by hand' : `so says ${incident.source}`;
  return `The incident ${incidentName(incident)} is closed (${by}).`;
}

/** What was merged goes on in another incident, which its source is asked about like any other. */
async function goesOn(ctx: Ctx, incident: IncidentRow): Promise<Finding> {
  const last = await survivorOf(ctx.ledger.db, incident);
  const source = ctx.incidents.get(incident.source);
  if (!last || last.id === incident.id || !source) return { kind: 'has', source: incident.source, incident };
  return confirm(ctx, source, last.key, last);
}
