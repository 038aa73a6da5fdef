/** Opening and closing incidents by hand, for those that no source knows of. Admins only. */
import { recordAudit } from '../../db/audit.ts';
import type { Tx } from '../../db/client.ts';
import { once } from '../../db/deliveries.ts';
import { applySighting, findIncident } from '../../db/incidents.ts';
import type { SpeakingPrincipal } from '../../db/principals.ts';
import type { IncidentState } from '../domain/incident.ts';
import { MANUAL_SOURCE, manualKey } from '../domain/incident-name.ts';
import { actorOf, isAdmin, type OperationContext, type Result, refused } from './context.ts';
import { resolveIncident } from './resolve-incident.ts';

export interface ManualIncidentInput {
  readonly deliveryKey: string;
  readonly speaker: SpeakingPrincipal;
  readonly to: IncidentState;
  /** As typed. */
  readonly name: string;
  /** Cleaned, at most 200 characters. */
  readonly title: string | null;
}

/** `changed` false: it was so already. */
export type ManualIncidentSet = Result<{ readonly name: string; readonly changed: boolean }>;

const SOURCE = { name: MANUAL_SOURCE, graceS: 0, polls: false } as const;

export async function setManualIncident(
  ctx: OperationContext,
  input: ManualIncidentInput,
): Promise<ManualIncidentSet> {
  const key = manualKey(input.name);
  const admin = isAdmin(ctx.catalog, input.speaker.email);
  const owner = admin ? await sourceOf(ctx, key ?? input.name) : null;
  const result = await ctx.ledger.tx((tx) =>
    once(tx, input.deliveryKey, ctx.clocks.real(), async (): Promise<ManualIncidentSet> => {
      if (!admin) return refuseStranger(ctx, tx, input);
      const known = key === null ? null : await findIncident(tx, MANUAL_SOURCE, key);
      // What stands open by hand can be closed by hand, whatever a source has under the same name.
      if (owner && !(input.to === 'closed' && known?.state === 'open')) {
        return no(`${input.name} is an incident of ${owner}: it is opened and closed there.`);
      }
      if (key === null) return no('An incident that is opened by hand is named like INC-1042.');
      if (input.to === 'closed' && !known) return no(`No incident ${key} was opened by hand.`);
      if (known?.state === input.to) return { ok: true, name: key, changed: false };
      const real = ctx.clocks.real();
      // Later than what is known, though another machine's clock may have been ahead when that was said.
      const at = known && known.seenAt >= real ? new Date(known.seenAt.getTime() + 1) : real;
      const times = { now: ctx.clocks.now(), real: at };
      const sighting = {
        key,
        number: key,
        url: null,
        title: input.title ?? known?.title ?? 'Opened by hand',
        state: input.to,
        nature: 'real' as const,
        severity: null,
        service: null,
        acknowledgedBy: null,
        channel: null,
        mergedInto: null,
        openedAt: input.to === 'closed' && known ? known.openedAt : times.real,
        at: times.real,
      };
      await applySighting(tx, SOURCE, sighting, times, 'manual');
      const action = input.to === 'open' ? 'incident.opened-by-hand' : 'incident.closed-by-hand';
      const details = { incident: key, source: MANUAL_SOURCE, title: sighting.title };
      await recordAudit(tx, times.now, [{ actor: actorOf(input.speaker), action, details }]);
      return { ok: true, name: key, changed: true };
    }),
  );
  ctx.nudge();
  return result;
}

/** The source that has this incident; null: none that answers. */
async function sourceOf(ctx: OperationContext, reference: string): Promise<string | null> {
  const meant = await resolveIncident(ctx, { reference, incidentId: null });
  const incident = 'incident' in meant ? meant.incident : null;
  return incident && incident.source !== MANUAL_SOURCE ? incident.source : null;
}

async function refuseStranger(
  ctx: OperationContext,
  tx: Tx,
  { speaker, to, name }: ManualIncidentInput,
): Promise<ManualIncidentSet> {
  const details = { incident: name, to };
  const entry = { actor: actorOf(speaker), action: 'incident.refused', details };
  await recordAudit(tx, ctx.clocks.now(), [entry]);
  return refused({ code: 'not-allowed', what: 'open or close incidents by hand: only an admin can' });
}

function no(message: string): ManualIncidentSet {
  return refused({ code: 'policy', rule: 'incident-by-hand', message, id: null });
}
