/** What is usable of what a source read, whatever it was sent; and how to send it what nobody expects. */
import { expect } from 'vitest';
import type { Sighting } from '../../src/domain/incident.ts';
import type { Reading } from '../../src/incidents/source.ts';

/** No control characters: the ledger cannot keep U+0000. */
const NAME = /^\P{Cc}{1,200}$/u;
const TEXT = /^[^\p{Cc}\u202e]{1,500}$/u;

export function expectSound(reading: Reading): void {
  if (reading.kind === 'malformed') return;
  expect(reading.eventId).toMatch(NAME);
  if (reading.kind === 'sighting') expectUsable(reading.sighting);
  if (reading.kind === 'nudge' && reading.key !== null) expect(reading.key).toMatch(NAME);
  if (reading.kind === 'unknown') expect(reading.type).toMatch(NAME);
}

/** Within the limits of `Sighting`, and consistent. */
export function expectUsable(sighting: Sighting): void {
  const { key, number, url, title, severity, service, acknowledgedBy, mergedInto, state } = sighting;
  expect(key).toMatch(NAME);
  for (const text of [title, number, url, severity, service, acknowledgedBy]) {
    if (text !== null) expect(text).toMatch(TEXT);
  }
  for (const moment of [sighting.at, sighting.openedAt]) expect(moment.getTime()).not.toBeNaN();
  expect(['open', 'closed']).toContain(state);
  if (mergedInto !== null) {
    expect(mergedInto).toMatch(NAME);
    expect(state).toBe('closed');
  }
  if (url !== null) expect(url).toMatch(/^https?:\/\//);
}

/** A copy with the value at one place, counted from the top, replaced. */
export function replaceOne(value: unknown, at: number, replacement: unknown): unknown {
  let places = 0;
  const walk = (each: unknown, visit: (place: number, inner: unknown) => unknown): unknown => {
    const seen = visit(places++, each);
    if (seen !== each) return seen;
    if (typeof each !== 'object' || each === null) return each;
    if (Array.isArray(each)) return each.map((inner) => walk(inner, visit));
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, walk(inner, visit)]));
  };
  walk(value, (_, inner) => inner);
  const chosen = at % places;
  places = 0;
  return walk(value, (place, inner) => (place === chosen ? replacement : inner));
}
