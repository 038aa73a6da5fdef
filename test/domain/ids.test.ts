import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newRequestId, normaliseRequestId } from '../../src/domain/ids.ts';

describe('a request id', () => {
  it('is short, and has no character that could be heard or read as another', () => {
    for (let i = 0; i < 2_000; i++) {
      expect(newRequestId(randomBytes)).toMatch(/^R-[2-9BCDFGHJKMNPQSTVWXYZ]{4}$/);
    }
  });

  it('uses every character about as often', () => {
    const counts = new Map<string, number>();
    let next = 0;
    const everyByte = (count: number) => Uint8Array.from({ length: count }, () => next++ % 256);
    while (next < 256 * 27) {
      for (const character of newRequestId(everyByte).slice(2)) {
        counts.set(character, (counts.get(character) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(27);
    expect(Math.max(...counts.values()) / Math.min(...counts.values())).toBeLessThan(1.2);
  });

  it('grows when short ones are taken, but not for ever', () => {
    const lengths = Array.from({ length: 40 }, (_, attempt) => newRequestId(randomBytes, attempt).length - 2);
    expect(lengths.slice(0, 6)).toEqual([4, 4, 5, 5, 6, 6]);
    expect(Math.max(...lengths)).toBe(12);
  });

  it('does not wait for ever for a random source that is broken', () => {
    expect(() => newRequestId((count) => new Uint8Array(count).fill(255))).toThrow(/random source/);
  });

  it('is read back in every form in which a new one may be typed', () => {
    for (let i = 0; i < 200; i++) {
      const id = newRequestId(randomBytes, i % 10);
      for (const typed of [id, id.toLowerCase(), id.slice(2), id.replace('-', '')]) {
        expect(normaliseRequestId(typed)).toBe(id);
      }
    }
  });

  it.each(['r-7k3m', '7K3M', ' R-7K3M.', '`R-7K3M`', 'R–7K3M', 'r7k3m', '(R-7K3M),', '*R-7K3M*'])(
    'is understood when typed as %j',
    (typed) => {
      expect(normaliseRequestId(typed)).toBe('R-7K3M');
    },
  );

  it.each([
    '',
    'R-',
    'R-7K3',
    'R-7K30',
    'today',
    'INC-1042',
    'R-7K3M 2',
    'A-7K3M',
    `R-${'7'.repeat(13)}`,
    'X'.repeat(9_999),
  ])('is not seen in %j', (typed) => {
    expect(normaliseRequestId(typed)).toBeNull();
  });
});
