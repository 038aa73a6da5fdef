/** Somebody left: everything that they hold ends, and everything that they asked for is cancelled. */
import { recordAudit } from '../../db/audit.ts';
import { closeRequests } from '../../db/close-request.ts';
import { once } from '../../db/deliveries.ts';
import { endGrants } from '../../db/end-grants.ts';
import { openGrantsOf } from '../../db/grants.ts';
import { deactivatePrincipal } from '../../db/principals.ts';
import { lockRequest, pendingOfPeople } from '../../db/requests.ts';
import type { LeftAs } from '../chat/port.ts';
import { type Catalog, mappedAddress } from '../domain/catalog.ts';
import type { OperationContext } from './context.ts';
import type { SpeakerInput } from './identify-speaker.ts';

const NOTHING = { ended: [], cancelled: [] };

/** What became of their account in chat, after "The account of Ana in chat". */
const BECAME: Readonly<Record<LeftAs, string>> = {
  deactivated: 'was deactivated',
  guest: 'was made a guest',
  outsider: 'belongs to another organisation now',
  bot: 'is a bot',
};

/**
 * Unknown people are ignored: Curfew never gave them anything. So are those whom the configuration names
 * itself, as long as they are there. Returns what was ended and cancelled.
 */
export async function offboard(
  ctx: Pick<OperationContext, 'catalog' | 'ledger' | 'clocks' | 'nudge'>,
  input: { deliveryKey: string; person: SpeakerInput; left?: LeftAs },
): Promise<{ ended: readonly string[]; cancelled: readonly string[] }> {
  const { person, left = 'deactivated' } = input;
  if (!isLeaver(ctx.catalog, person, left)) return NOTHING;
  const result = await ctx.ledger.tx((tx) =>
    once(tx, input.deliveryKey, ctx.clocks.real(), async () => {
      const times = { now: ctx.clocks.now(), real: ctx.clocks.real() };
      const known = await deactivatePrincipal(tx, person);
      if (!known) return NOTHING;
      const { principal } = known;
      const actor = `${person.platform}:directory`;

      const cancelled: string[] = [];
      for (const { request } of await pendingOfPeople(tx, [principal.id])) {
        const found = await lockRequest(tx, request.id);
        if (found?.request.state !== 'pending') continue;
        const because = `the account of ${principal.name} in chat ${BECAME[left]}`;
        const note = `T${because.slice(1)}.`;
        const notice = { kind: 'cancelled', because } as const;
        const details = { because: 'offboarded' };
        await closeRequests(tx, [found.request], { state: 'cancelled', actor, note, details, notice }, times);
        cancelled.push(request.id);
      }

      const held = await openGrantsOf(tx, [principal.id]);
      const ids = held.map(({ grant }) => grant.id).sort();
      const note = left === 'deactivated' ? null : `the account in chat ${BECAME[left]}`;
      const end = { reason: 'offboarded', actor, by: null, note } as const;
      const ended = (await endGrants(tx, ids, end, times)).map(({ id }) => id);
      const details = { email: principal.email, left, ended, cancelled };
      await recordAudit(tx, times.now, [{ actor, action: 'principal.offboarded', details }]);
      return { ended, cancelled };
    }),
  );
  ctx.nudge();
  return result;
}

/** Whom the configuration names may be a guest or of another organisation. */
function isLeaver(catalog: Catalog, person: SpeakerInput, left: LeftAs): boolean {
  return left === 'deactivated' || left === 'bot' || mappedAddress(catalog, person) === null;
}
