/** The chain of the audit log, by itself: one text for one value, and every kind of tampering named. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AuditEvent,
  canonicalJson,
  formatHead,
  GENESIS_HASH,
  hashEvent,
  misfit,
  parseHead,
} from '../../src/domain/audit-chain.ts';

const at = new Date('2026-11-20T14:00:00.000Z');

function chain(length: number): AuditEvent[] {
  const events: AuditEvent[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const prevHash = events.at(-1)?.hash ?? GENESIS_HASH;
    const content = { seq, at, actor: 'curfew', action: 'grant.live', details: { n: seq }, prevHash };
    events.push({ ...content, hash: hashEvent(content) });
  }
  return events;
}

/** The first event that does not fit, in words. */
function firstMisfit(events: readonly AuditEvent[]): string | null {
  let previous = { seq: 0, hash: GENESIS_HASH };
  for (const event of events) {
    const problem = misfit(event, previous);
    if (problem) return problem;
    previous = event;
  }
  return null;
}

describe('one text for one value', () => {
  it('does not depend on the order of keys, on undefined, or on a round through JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(JSON.stringify(value)))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
    expect(canonicalJson({ b: [1, { d: 2, c: undefined }], a: null })).toBe('{"a":null,"b":[1,{"d":2}]}');
  });

  it('tells different values apart', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
        const same = canonicalJson(a) === canonicalJson(b);
        if (same) expect(plain(a)).toEqual(plain(b));
      }),
    );
  });
});

describe('a chain', () => {
  it('fits', () => expect(firstMisfit(chain(5))).toBeNull());

  it.each<[string, (events: AuditEvent[]) => AuditEvent[], string]>([
    [
      'an altered detail',
      (e) => e.map((x) => (x.seq === 3 ? { ...x, details: { n: 9 } } : x)),
      'event 3 was altered',
    ],
    ['another actor', (e) => e.map((x) => (x.seq === 3 ? { ...x, actor: 'x' } : x)), 'event 3 was altered'],
    ['another action', (e) => e.map((x) => (x.seq === 3 ? { ...x, action: 'x' } : x)), 'event 3 was altered'],
    [
      'another time',
      (e) => e.map((x) => (x.seq === 3 ? { ...x, at: new Date(0) } : x)),
      'event 3 was altered',
    ],
    ['one removed', (e) => e.filter((x) => x.seq !== 3), 'event 3 is missing'],
    ['the first removed', (e) => e.slice(1), 'event 1 is missing'],
    [
      'two swapped',
      (e) => [...e.slice(0, 2), ...e.slice(2, 4).reverse(), ...e.slice(4)],
      'event 3 is missing',
    ],
    [
      'one rewritten with a hash that fits it',
      (e) => e.map((x) => (x.seq === 3 ? rewritten(x) : x)),
      'event 4 does not follow event 3',
    ],
  ])('names %s', (_, tamper, problem) => {
    expect(firstMisfit(tamper(chain(5)))).toBe(problem);
  });
});

const rewritten = (event: AuditEvent): AuditEvent => {
  const content = { ...event, details: { n: 'forged' } };
  return { ...content, hash: hashEvent(content) };
};

describe('a head', () => {
  const head = { seq: 42, hash: 'ab'.repeat(32) };

  it.each([[null], ['key']])('is read as it was written, with the key %s', (key) => {
    expect(parseHead(formatHead(head, key), key)).toEqual(head);
  });

  it('whose signature does not fit is none', () => {
    const signed = formatHead(head, 'key');
    expect(parseHead(signed, 'another key')).toBeNull();
    expect(parseHead(signed.replace('42:', '43:'), 'key')).toBeNull();
  });

  it.each(['', '42', '42:xyz', `x:${head.hash}`, `42:${head.hash}:`, `-1:${head.hash}`, `42:${head.hash}0`])(
    'is not %j',
    (text) => expect(parseHead(text, null)).toBeNull(),
  );
});
