import { describe, expect, it } from 'vitest';
import {
  clockTime,
  countdown,
  dayTitle,
  ledgerNow,
  logTime,
  movedBy,
  roughly,
  slackDate,
} from '../../../src/playground/page/words/time.ts';

const BERLIN = { locale: 'en-GB', timeZone: 'Europe/Berlin' };
const TOKYO = { locale: 'en-GB', timeZone: 'Asia/Tokyo' };
const at = (iso: string) => Date.parse(iso);

describe('a countdown', () => {
  it.each([
    [300_000, '5:00'],
    [299_001, '5:00'],
    [61_000, '1:01'],
    [3_600_000, '1:00:00'],
    [90_000_000, '1 d 1:00:00'],
    [1, '0:01'],
    [0, '0:00'],
    [-5000, '0:00'],
  ])('of %d ms reads %s', (ms, words) => expect(countdown(ms)).toBe(words));
});

describe('ledger time', () => {
  const time = { now: '2026-11-20T15:05:00.000Z', asOf: '2026-11-20T15:00:00.000Z' };

  it('goes on at the speed of real time', () => {
    expect(ledgerNow(time, at('2026-11-20T15:00:07.000Z'))).toBe(at('2026-11-20T15:05:07.000Z'));
  });

  it('does not go back where this machine is behind the one that said it', () => {
    expect(ledgerNow(time, at('2026-11-20T14:59:50.000Z'))).toBe(at('2026-11-20T15:05:00.000Z'));
  });

  it('says by how much it was moved, and nothing where it was not', () => {
    expect(movedBy(time)).toBe('5 min');
    expect(movedBy({ now: '2026-11-20T15:00:00.400Z', asOf: '2026-11-20T15:00:00.000Z' })).toBeNull();
  });
});

it.each([
  [40_000, '40 s'],
  [3_900_000, '1 h 5 min'],
  [7_200_000, '2 h'],
  [97_200_000, '1 d 3 h'],
])('%d ms is roughly %s', (ms, words) => expect(roughly(ms)).toBe(words));

describe("Slack's dates", () => {
  const date = (format: string, now = '2026-11-20T13:00:00Z', reader = BERLIN) =>
    slackDate({ timestamp: at('2026-11-20T15:04:05Z') / 1000, format, fallback: 'later' }, at(now), reader);

  it('are said in the time zone of who reads', () => {
    expect(date('{time}')).toBe('16:04');
    expect(date('{time_secs}', undefined, TOKYO)).toBe('00:04:05');
  });

  it.each([
    ['2026-11-20T00:30:00Z', 'today 16:04'],
    ['2026-11-19T12:00:00Z', 'tomorrow 16:04'],
    ['2026-11-20T23:30:00Z', 'yesterday 16:04'],
    ['2026-11-25T12:00:00Z', '20 Nov 2026 16:04'],
  ])('seen at %s say %s', (now, words) => expect(date('{date_short_pretty} {time}', now)).toBe(words));

  it('fall back to their words where a token is unknown or the moment is none', () => {
    expect(date('{moon_phase}')).toBe('later');
    expect(slackDate({ timestamp: Number.NaN, format: '{time}', fallback: 'later' }, 0, BERLIN)).toBe(
      'later',
    );
  });
});

it('the days of a conversation have names', () => {
  const now = at('2026-11-20T12:00:00Z');
  expect(dayTitle(now, now, BERLIN)).toBe('Today');
  expect(dayTitle(at('2026-11-16T12:00:00Z'), now, BERLIN)).toBe('Monday 16 November');
  expect(clockTime(now, BERLIN)).toBe('13:00');
  expect(logTime(now, { locale: 'en-US', timeZone: 'Europe/Berlin' })).toBe('13:00:00');
});
