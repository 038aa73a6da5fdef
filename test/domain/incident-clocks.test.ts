/** A source's clock that is wrong has the last word about nothing. */
import { expect, it } from 'vitest';
import type { Sighting } from '../../src/domain/incident.ts';
import { datedSanely, type KnownIncident, takeIn } from '../../src/domain/incident-news.ts';
import { notAhead } from '../../src/incidents/fields.ts';

const REAL = new Date('2026-11-20T12:00:00Z');
const clock = (afterS: number) => ({ now: REAL, real: new Date(REAL.getTime() + afterS * 1000) });
const YEAR_S = 31_536_000;

const told = (state: 'open' | 'closed', aheadS: number): Sighting => ({
  key: 'I1',
  number: null,
  url: null,
  title: 'down',
  nature: 'real',
  state,
  severity: null,
  service: null,
  acknowledgedBy: null,
  channel: null,
  mergedInto: null,
  openedAt: new Date(REAL.getTime() + aheadS * 1000),
  at: new Date(REAL.getTime() + aheadS * 1000),
});

it.each([301, 3_600, YEAR_S])('an event %s s ahead counts as now, and what follows is heard', (aheadS) => {
  const first = takeIn(null, told('open', aheadS), 0, clock(0)).next;
  expect(first).toMatchObject({ seenAt: REAL, openedAt: REAL, state: 'open' });
  const after = takeIn({ ...(first as KnownIncident), mergedInto: null }, told('closed', 10), 0, clock(11));
  expect(after).toMatchObject({ next: { state: 'closed' }, news: 'closed' });
});

it('what a vendor says of the time counts as when it came, where it is far ahead', () => {
  const at = (s: number) => new Date(REAL.getTime() + s * 1000);
  expect(notAhead(at(YEAR_S), REAL)).toEqual(REAL);
  expect(notAhead(at(301), REAL)).toEqual(REAL);
  expect(notAhead(at(240), REAL)).toEqual(at(240));
  expect(notAhead(at(-240), REAL)).toEqual(at(-240));
});

it('of what comes together, an opening far ahead comes before the rest of its incident', () => {
  const [open, closed, other] = datedSanely(
    [told('open', YEAR_S), told('closed', -5), { ...told('open', YEAR_S), key: 'I2' }],
    REAL,
  );
  expect(open?.at.getTime()).toBeLessThan(closed?.at.getTime() ?? 0);
  expect(other?.at).toEqual(REAL);
  // Whatever opened it, a close that cannot be dated is one.
  const [late] = datedSanely([told('closed', YEAR_S), told('open', -5)], REAL);
  expect(late?.at).toEqual(REAL);
});

it.each(['-100000-01-01T00:00:00Z', '0000-01-01T00:00:00Z', '1970-01-01T00:00:00Z', ''])(
  'an incident of the year “%s” is told of, and has a moment that the ledger can keep',
  (year) => {
    const at = new Date(year);
    const { next } = takeIn(null, { ...told('open', 0), at, openedAt: at }, 0, clock(0));
    for (const moment of [next?.openedAt, next?.seenAt]) {
      expect(moment?.getTime()).toBeGreaterThanOrEqual(Date.UTC(2000));
      expect(moment?.getTime()).toBeLessThanOrEqual(REAL.getTime());
    }
  },
);
