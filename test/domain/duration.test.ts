import { describe, expect, it } from 'vitest';
import { durationAsTyped, durationInWords, parseDuration } from '../../src/domain/duration.ts';

describe('a duration', () => {
  it.each([
    ['30m', 1_800],
    ['2h', 7_200],
    ['1h30m', 5_400],
    ['90m', 5_400],
    ['1d', 86_400],
    ['1d2h3m4s', 93_784],
    ['45s', 45],
    [' 2H ', 7_200],
    ['366d', 31_622_400],
  ])('reads %s', (typed, seconds) => {
    expect(parseDuration(typed)).toEqual({ ok: true, seconds });
  });

  it.each([
    ['', /such as 30m/],
    ['   ', /such as 30m/],
    ['0m', /no time at all/],
    ['0h0m', /no time at all/],
    ['-1h', /negative/],
    ['−1h', /negative/],
    ['60', /no unit: write 60m or 60h/],
    ['30m1h', /larger one first/],
    ['1h1h', /each unit once/],
    ['999999h', /too long/],
    ['367d', /too long/],
    [`${'9'.repeat(400)}h`, /too long/],
    ['1e9m', /not a length of time/],
    ['1.5h', /not a length of time/],
    ['1h30', /not a length of time/],
    ['h', /not a length of time/],
    ['1w', /not a length of time/],
    ['١h', /not a length of time/],
    ['３０m', /not a length of time/],
    ['1h DROP TABLE', /not a length of time/],
  ])('refuses %j in words', (typed, why) => {
    const parsed = parseDuration(typed);
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? '' : parsed.why).toMatch(why);
  });

  it('never repeats more than a few characters of what was typed', () => {
    const parsed = parseDuration('x'.repeat(5_000));
    expect(parsed.ok ? '' : parsed.why).toMatch(/^x{20} is not/);
  });

  it('can be asked to be no shorter than a minute', () => {
    expect(parseDuration('59s', { shortestS: 60 })).toMatchObject({
      ok: false,
      why: expect.stringMatching(/shortest is 1 min/),
    });
    expect(parseDuration('60s', { shortestS: 60 })).toEqual({ ok: true, seconds: 60 });
  });

  it.each([
    [5_400, '1 h 30 min', '1h30m'],
    [60, '1 min', '1m'],
    [86_400, '1 d', '1d'],
    [93_784, '1 d 2 h 3 min 4 s', '1d2h3m4s'],
    [0.2, '1 s', '1s'],
    [0, '0 s', '0s'],
    [-5, '0 s', '0s'],
  ])('says %d s as %s, and %s as somebody would type it', (seconds, words, typed) => {
    expect(durationInWords(seconds)).toBe(words);
    expect(durationAsTyped(seconds)).toBe(typed);
  });

  it('reads back what it writes', () => {
    for (const seconds of [1, 59, 60, 61, 3_599, 3_600, 5_400, 86_399, 86_400, 90_061]) {
      expect(parseDuration(durationAsTyped(seconds))).toEqual({ ok: true, seconds });
    }
  });
});
