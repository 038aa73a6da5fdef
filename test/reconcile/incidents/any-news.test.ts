/**
 * Whatever comes, in whatever order: access is absent once the newest that Curfew was told is a close and the
 * grace has passed, and it is never taken away while the newest is that the incident is open.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNewer, type Sighting } from '../../../src/domain/incident.ts';
import { type KnownIncident, takeIn } from '../../../src/domain/incident-news.ts';
import { liveGrant } from '../../support/acts.ts';
import { emptyLedger, ledgerForFile } from '../../support/empty-ledger.ts';
import { createHouse } from '../../support/house.ts';
import { nudge, openIncident, webhook } from '../../support/incident-acts.ts';
import { createIncidentSource, sightingOf } from '../../support/incident-source.ts';

const GRACE_S = 10;

describe('what is known', () => {
  const clock = { now: new Date('2026-11-20T14:00:00Z'), real: new Date('2026-11-20T16:00:00Z') };
  const sighting = fc
    .record({
      ago: fc.integer({ min: 0, max: 5 }),
      state: fc.constantFrom<'open' | 'closed'>('open', 'closed'),
    })
    .map(({ ago, state }) => sightingOf({ at: new Date(clock.real.getTime() - ago * 1000), state }));
  const fold = (told: readonly Sighting[]) =>
    told.reduce<KnownIncident | null>((known, each) => {
      const { next } = takeIn(known, each, GRACE_S, clock);
      return next ? { ...next, mergedInto: null } : known;
    }, null);

  it('is the same whatever the order in which it was told', () => {
    fc.assert(
      fc.property(
        fc
          .array(sighting, { minLength: 1, maxLength: 8 })
          .chain((told) =>
            fc.tuple(fc.constant(told), fc.shuffledSubarray(told, { minLength: told.length })),
          ),
        ([told, otherwise]) => {
          const [a, b] = [fold(told), fold(otherwise)];
          expect([a?.state, a?.seenAt]).toEqual([b?.state, b?.seenAt]);
          expect(a?.endDueAt === null).toBe(a?.state === 'open');
        },
      ),
    );
  });
});

type Step =
  | { readonly do: 'pass'; readonly seconds: number }
  | { readonly do: 'turn'; readonly state: 'open' | 'closed' }
  | { readonly do: 'merge' | 'nudge' | 'slow' | 'deny' }
  | { readonly do: 'deliver'; readonly nth: number; readonly again: boolean }
  | { readonly do: 'trouble'; readonly down: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 90 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('turn' as const),
      state: fc.constantFrom<'open' | 'closed'>('open', 'closed', 'closed'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      nth: fc.nat({ max: 3 }),
      again: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('merge', 'nudge', 'slow', 'deny') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('trouble' as const), down: fc.boolean() }) },
);

describe('access', () => {
  const ledger = ledgerForFile();

  async function live(steps: readonly Step[]): Promise<void> {
    await emptyLedger(ledger().ledger);
    const source = createIncidentSource({ graceS: GRACE_S });
    /** All that Curfew was told, and when it was told so. */
    const told: { sighting: Sighting; heardAt: number }[] = [];
    const asked = source.source.find;
    const listening = {
      ...source.source,
      async find(name: string, signal: AbortSignal) {
        const at = house.clocks.real();
        const found = await asked(name, signal);
        if (found) told.push({ sighting: { ...found, at }, heardAt: house.clocks.real().getTime() });
        return found;
      },
    };
    const house = await createHouse({ ledger: ledger(), incidents: [listening] });
    await openIncident(house, source);
    await liveGrant(house, 'ana', 'prod-dba', 4 * 3600);
    const sent: Sighting[] = [sightingOf({ at: house.clocks.real() })];
    for (const sighting of sent) told.push({ sighting, heardAt: house.clocks.real().getTime() });
    let bound = 'P1';
    let mayHaveEnded = false;

    function emit(sighting: Sighting): void {
      sent.push(source.says(sighting));
    }

    async function take(one: Step): Promise<void> {
      switch (one.do) {
        case 'pass':
          return house.clocks.pass(one.seconds);
        case 'turn':
          // Of a merged incident nothing more is heard; of the survivor all.
          return emit(sightingOf({ key: bound, state: one.state, at: house.clocks.real() }));
        case 'merge':
          if (sent.some(({ mergedInto }) => mergedInto)) return;
          emit(sightingOf({ key: 'P2', number: null, at: house.clocks.real() }));
          return emit(sightingOf({ state: 'closed', mergedInto: 'P2', at: house.clocks.real() }));
        case 'deliver': {
          const sighting = sent.at(-1 - one.nth) ?? sent[0];
          if (!sighting) return;
          await webhook(house, source, sighting, one.again ? undefined : JSON.stringify(sighting));
          told.push({ sighting, heardAt: house.clocks.real().getTime() });
          return;
        }
        case 'nudge':
          return nudge(house, source, null);
        case 'deny':
          source.state.denies = 1;
          return;
        case 'trouble':
          source.state.down = one.down;
          return;
        case 'slow': {
          let answer = () => {};
          source.state.wait = new Promise<void>((resolve) => {
            answer = resolve;
          });
          await nudge(house, source, null);
          const settled = house.settle();
          house.clocks.pass(3);
          const closed = sightingOf({ key: bound, state: 'closed', at: house.clocks.real() });
          emit(closed);
          await webhook(house, source, closed);
          told.push({ sighting: closed, heardAt: house.clocks.real().getTime() });
          house.clocks.pass(2);
          answer();
          source.state.wait = null;
          return settled;
        }
      }
    }

    for (const one of steps) {
      await take(one);
      await house.settle();
      const about = (key: string) => told.filter(({ sighting }) => sighting.key === key);
      const newest = (key: string) =>
        about(key).reduce<Sighting | null>((a, { sighting }) => (isNewer(sighting, a) ? sighting : a), null);
      if (about('P1').some(({ sighting }) => sighting.mergedInto)) bound = 'P2';
      const now = house.clocks.real().getTime();
      const held = house.vault.holds('dba', 'ana');
      if (newest(bound)?.state === 'closed') {
        const lastOpen = Math.max(
          0,
          ...about(bound).flatMap(({ sighting }) => (sighting.state === 'open' ? sighting.at.getTime() : [])),
        );
        const closes = about(bound).filter(
          ({ sighting }) => sighting.state === 'closed' && sighting.at.getTime() >= lastOpen,
        );
        const earliest = Math.min(...closes.map(({ sighting }) => sighting.at.getTime()));
        const heard = Math.min(...closes.map(({ heardAt }) => heardAt));
        if (earliest + GRACE_S * 1000 <= now) mayHaveEnded = true;
        if (heard + GRACE_S * 1000 <= now) expect([one, held]).toEqual([one, false]);
      }
      if (!mayHaveEnded) expect([one, held]).toEqual([one, true]);
    }
  }

  it(
    'is absent once the newest known state is closed and grace has passed, and there while it is open',
    () => fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), live), { numRuns: 40 }),
    120_000,
  );
});
