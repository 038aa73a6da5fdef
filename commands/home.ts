/** The home page of one person. Whoever is not known is shown why. */

import { openGrantsOf } from '../db/grants.ts';
import { peopleOn } from '../db/people.ts';
import { pendingOfPeople } from '../db/requests.ts';
import { loadRequestView, type RequestView } from '../db/views.ts';
import type { Home } from '../src/chat/card.ts';
import { homePage } from '../src/chat/cards/home.ts';
import { refusalLine } from '../src/chat/cards/refusals.ts';
import { peopleIn } from '../src/chat/name-people.ts';
import type { Refusal } from '../src/domain/refusal.ts';
import type { OperationContext } from '../src/operations/context.ts';
import { identifySpeaker } from '../src/operations/identify-speaker.ts';
import type { Speaker } from './command.ts';
import { waitingFor } from './pending.ts';

const MOST_EACH = 20;

export function createHome(ctx: OperationContext) {
  return async function home(speaker: Speaker): Promise<Home> {
    const identified = await identifySpeaker(ctx, speaker);
    if (!identified.ok) return refusedHome(identified.refusal);
    const { id, email, platform } = identified.principal;
    const { db } = ctx.ledger;
    const live = await openGrantsOf(db, [id]);
    const pending = await pendingOfPeople(db, [id]);
    const waiting = await waitingFor(db, ctx.catalog, email);
    const load = async (rows: readonly { request: { id: string } }[]): Promise<RequestView[]> => {
      const views = await Promise.all(
        rows.slice(0, MOST_EACH).map(({ request }) => loadRequestView(db, request.id)),
      );
      return views.filter((view) => view !== null);
    };
    const input = { live: await load(live), pending: await load(pending), waiting: await load(waiting) };
    const named = [...input.live, ...input.pending, ...input.waiting].flatMap(peopleIn);
    const people = await peopleOn(db, platform, named);
    return homePage({ ...input, now: ctx.clocks.now(), roles: ctx.catalog.roles, people });
  };
}

/** What is shown instead of somebody's own. */
export function refusedHome(refusal: Refusal): Home {
  const card = {
    title: 'Curfew',
    tone: 'refused',
    summary: 'Curfew',
    body: [{ kind: 'line', line: refusalLine(refusal) }],
    actions: [],
    footer: [],
  } as const;
  return { actions: [], sections: [{ title: 'Curfew', empty: '', cards: [card] }] };
}
