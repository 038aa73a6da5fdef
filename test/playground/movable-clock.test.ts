import { expect, it } from 'vitest';
import { createMovableClock } from '../../src/playground/movable-clock.ts';

it('tells for each real moment what ledger time was then, however often it was moved since', () => {
  let real = Date.parse('2026-11-20T12:00:00Z');
  const clock = createMovableClock(() => real);
  const early = new Date(real);
  real += 60_000;
  expect(clock.advance(300)).toBe(300_000);
  real += 60_000;
  const between = new Date(real);
  real += 60_000;
  expect(clock.advance(3600)).toBe(3_900_000);
  expect(clock.offsetMs()).toBe(3_900_000);
  expect([early, between, new Date(real)].map((at) => clock.ledgerTimeAt(at).toISOString())).toEqual([
    '2026-11-20T12:00:00.000Z',
    '2026-11-20T12:07:00.000Z',
    '2026-11-20T13:08:00.000Z',
  ]);
});
