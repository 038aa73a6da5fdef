import { describe, expect, it } from 'vitest';
import { nextClockTime, parseClock } from '../../src/domain/time-zone.ts';

const at = (clock: string) => parseClock(clock) ?? Number.NaN;
const next = (clock: string, zone: string, now: string) =>
  nextClockTime(at(clock), zone, new Date(now))?.toISOString();

describe('"until 18:00"', () => {
  it.each([
    [
      'today, when that is still ahead',
      '18:00',
      'Europe/Berlin',
      '2026-07-01T12:00:00Z',
      '2026-07-01T16:00:00.000Z',
    ],
    [
      'tomorrow, when it has passed',
      '09:30',
      'Europe/Berlin',
      '2026-07-01T12:00:00Z',
      '2026-07-02T07:30:00.000Z',
    ],
    [
      'tomorrow, when it is that time now',
      '14:00',
      'Europe/Berlin',
      '2026-07-01T12:00:00Z',
      '2026-07-02T12:00:00.000Z',
    ],
    ['in a minute begun', '14:01', 'Europe/Berlin', '2026-07-01T12:00:31Z', '2026-07-01T12:01:00.000Z'],
    [
      'where half hours are the offset',
      '18:00',
      'Asia/Kolkata',
      '2026-07-01T12:00:00Z',
      '2026-07-01T12:30:00.000Z',
    ],
    ['over the date line', '00:00', 'Pacific/Kiritimati', '2026-07-01T12:00:00Z', '2026-07-02T10:00:00.000Z'],
    [
      'over a night in which clocks go forward',
      '08:00',
      'Europe/Berlin',
      '2026-03-28T20:00:00Z',
      '2026-03-29T06:00:00.000Z',
    ],
    [
      'over a night in which clocks go back',
      '08:00',
      'Europe/Berlin',
      '2026-10-24T20:00:00Z',
      '2026-10-25T07:00:00.000Z',
    ],
    [
      'a time that the clocks jump over: when they jump',
      '02:30',
      'Europe/Berlin',
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'a time that comes twice: the first',
      '02:30',
      'Europe/Berlin',
      '2026-10-25T00:00:00Z',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'a time that comes again within the hour: that one',
      '02:30',
      'Europe/Berlin',
      '2026-10-25T00:45:00Z',
      '2026-10-25T01:30:00.000Z',
    ],
    [
      'clocks that jump at midnight',
      '00:00',
      'America/Santiago',
      '2026-09-05T20:00:00Z',
      '2026-09-06T04:00:00.000Z',
    ],
    [
      'half an hour of daylight saving',
      '02:15',
      'Australia/Lord_Howe',
      '2026-10-03T12:00:00Z',
      '2026-10-03T15:30:00.000Z',
    ],
  ])('means %s', (_name, clock, zone, now, expected) => {
    expect(next(clock, zone, now)).toBe(expected);
  });

  it('is unknown in a zone that is unknown', () => {
    expect(next('18:00', 'Mars/Olympus', '2026-07-01T12:00:00Z')).toBeUndefined();
    expect(next('18:00', '', '2026-07-01T12:00:00Z')).toBeUndefined();
  });

  it.each(['24:00', '18', '18:60', '6pm', '-1:00', '18:00:00', '１８:00', ''])(
    'does not read %j',
    (clock) => {
      expect(parseClock(clock)).toBeNull();
    },
  );

  it('reads one-digit hours', () => {
    expect(parseClock('9:05')).toBe(545);
  });
});
