/** When a grant wants its access to be there: a table, and what holds at any time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfWindow, GRANT_STATES, type GrantWindow, grantWants, wanted } from '../../src/domain/grant.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 14, minute));
const window = (over: Partial<GrantWindow> = {}): GrantWindow => ({
  state: 'live',
  startBy: at(15),
  endsAt: at(60),
  ...over,
});

describe('a grant wants its access', () => {
  it.each<[string, Partial<GrantWindow>, number, boolean]>([
    ['while it starts', { state: 'starting' }, 14, true],
    ['not once it should have been live', { state: 'starting' }, 15, false],
    ['not once its end has come before its start', { state: 'starting', endsAt: at(5) }, 5, false],
    ['while it is live', {}, 59, true],
    ['while it is live, long after it had to be', {}, 30, true],
    ['not at its end', {}, 60, false],
    ['not while it is ending', { state: 'ending' }, 1, false],
    ['not when it has ended', { state: 'ended' }, 1, false],
  ])('%s', (_, over, minute, wants) => {
    expect(grantWants(window(over), at(minute))).toBe(wants);
  });
});

const anyWindow = fc.record({
  state: fc.constantFrom(...GRANT_STATES),
  startBy: fc.integer({ min: 0, max: 120 }).map(at),
  endsAt: fc.integer({ min: 0, max: 120 }).map(at),
});
const minute = fc.integer({ min: 0, max: 130 });

describe('at any time', () => {
  it('access is wanted exactly while one grant wants it, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(anyWindow, { maxLength: 5 }), minute, (grants, m) => {
        const each = grants.map((grant) => grantWants(grant, at(m)));
        expect(wanted(grants, at(m))).toBe(each.includes(true));
        expect(wanted([...grants].reverse(), at(m))).toBe(each.includes(true));
      }),
    );
  });

  it('what is not wanted any more is never wanted again by time alone', () => {
    fc.assert(
      fc.property(anyWindow, minute, minute, (grant, a, b) => {
        const [earlier, later] = [Math.min(a, b), Math.max(a, b)];
        if (grantWants(grant, at(later))) expect(grantWants(grant, at(earlier))).toBe(true);
      }),
    );
  });

  it('nobody wants anything at or after the end', () => {
    fc.assert(
      fc.property(anyWindow, minute, (grant, m) => {
        if (at(m) >= grant.endsAt) expect(grantWants(grant, at(m))).toBe(false);
      }),
    );
  });
});

it('a window is as long as what was approved', () => {
  expect(endOfWindow(at(3), 3600)).toEqual(at(63));
});
