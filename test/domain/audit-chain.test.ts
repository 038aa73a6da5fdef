/** The chain of the audit log, by itself: one text for one value, and every kind of tampering named. */
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AuditEvent,
  canonicalJson,
  formatHead,
  GENESIS_HASH,
  hashEvent,
  headText,
  misfit,
  parseHead,
  vouchedHead,
} from '../../src/domain/audit-chain.ts';
import { createAuditKey, createAuditVerifier } from '../../src/domain/audit-key.ts';

const at = new Date('2026-11-20T14:00:00.000Z');

function chain(length: number): AuditEvent[] {
  const events: AuditEvent[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const prevHash = events.at(-1)?.hash ?? GENESIS_HASH;
    const content = { seq, at, actor: 'curfew', action: 'grant.live', details: { n: seq }, prevHash };
    events.push({ ...content, hash: hashEvent(content), signature: null });
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

  it('is read as it was written, signed and not', () => {
    const unsigned = { ...head, signature: null };
    expect(parseHead(formatHead(unsigned))).toEqual(unsigned);
    const key = createAuditKey('a key, long enough');
    const read = parseHead(formatHead({ ...head, signature: key.sign(headText(head)) }));
    expect(read).toEqual({ ...head, signature: expect.stringContaining(key.id) });
    expect(createAuditVerifier(key.publicKey).verifies(headText(head), read?.signature ?? '')).toBe(true);
  });

  it('is passed on without a signature that does not fit it', () => {
    const key = createAuditKey('a key, long enough');
    const signed = { ...head, signature: key.sign(headText(head)) };
    const moved = { ...signed, seq: 43 };
    expect(vouchedHead(signed, key)).toEqual(signed);
    expect(vouchedHead(moved, key)).toEqual({ ...moved, signature: null });
    expect(vouchedHead({ ...head, signature: null }, key)).toEqual({ ...head, signature: null });
    expect(vouchedHead(moved, null)).toEqual(moved);
  });

  it('bears a signature that fits no other head and no other key', () => {
    const key = createAuditKey('a key, long enough');
    const signature = key.sign(headText(head));
    expect(key.verifies(headText({ ...head, seq: 43 }), signature)).toBe(false);
    expect(createAuditKey('another key, long enough').verifies(headText(head), signature)).toBe(false);
  });

  it('is signed with an Ed25519 key in PEM too, and with no other kind of key', () => {
    const pem = (type: 'ed25519' | 'x25519') =>
      generateKeyPairSync(type as 'ed25519')
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString();
    const mine = pem('ed25519');
    const key = createAuditKey(mine);
    expect(createAuditKey(mine.replaceAll('\n', '\\n')).id).toBe(key.id);
    expect(key.verifies(headText(head), key.sign(headText(head)))).toBe(true);
    expect(() => createAuditKey(pem('x25519'))).toThrow('Ed25519');
    expect(() => createAuditKey('-----BEGIN PRIVATE KEY-----\nnonsense')).toThrow('no private key in PEM');
    expect(() => createAuditVerifier('nonsense, and long enough')).toThrow('no public key in PEM');
  });

  it.each(['', '42', '42:xyz', `x:${head.hash}`, `42:${head.hash}:`, `-1:${head.hash}`, `42:${head.hash}0`])(
    'is not %j',
    (text) => expect(parseHead(text)).toBeNull(),
  );
});
