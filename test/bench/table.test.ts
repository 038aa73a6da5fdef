/** The bench's arithmetic: a figure that is computed wrongly is worse than none. */
import { expect, it } from 'vitest';
import { type Figure, formatNumber, formatTable, percentile, spread } from '../../bench/table.ts';

const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);

it('takes percentiles by nearest rank, in whatever order the values came', () => {
  expect(percentile(hundred, 0.5)).toBe(50);
  expect(percentile(hundred, 0.99)).toBe(99);
  expect(percentile(hundred, 1)).toBe(100);
  expect(percentile([7], 0.01)).toBe(7);
  expect(spread([3, 1, 2])).toEqual({ p50: 2, p99: 3, max: 3 });
});

it('has no percentile of nothing', () => {
  expect(() => percentile([], 0.5)).toThrow('nothing');
});

it('writes as many digits as say something', () => {
  expect([12_345.6, 123.4, 12.34, 1.234, 0, null].map(formatNumber)).toEqual([
    '12,346',
    '123',
    '12.3',
    '1.23',
    '0.00',
    '–',
  ]);
});

it('aligns its columns and numbers its notes', () => {
  const figure = (over: Partial<Figure>): Figure => ({
    part: 'a',
    what: 'short',
    perSecond: null,
    p50: 1,
    p99: 20,
    max: 300,
    note: 'why',
    ...over,
  });
  const [head, rule, first, second, , ...notes] = formatTable([
    figure({}),
    figure({ what: 'something longer', perSecond: 12_345, note: 'because' }),
  ]).split('\n');
  expect(new Set([head, rule, first, second].map((line) => line?.length)).size).toBe(1);
  expect(first?.split('|').map((cell) => cell.trim())).toEqual([
    '',
    'a',
    'short [1]',
    '–',
    '1.00',
    '20.0',
    '300',
    '',
  ]);
  expect(second).toContain('| something longer [2] |   12,345 |');
  expect(notes).toEqual(['1. why', '2. because']);
});
