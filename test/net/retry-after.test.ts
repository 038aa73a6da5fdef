/** How long an answer asks to wait. */
import { describe, expect, test } from 'vitest';
import { retryAfterS } from '../../src/net/retry-after.ts';

const noon = Date.UTC(2026, 5, 1, 12, 0, 0);
const wait = (header: string | null, now = noon) => retryAfterS(header, now, 3_600);

describe('Retry-After', () => {
  test.each([
    ['seconds', '17', 17],
    ['seconds among blanks', ' 17 ', 17],
    ['no wait', '0', 0],
    ['HTTP’s date', 'Mon, 01 Jun 2026 12:00:30 GMT', 30],
    ['RFC 850’s date', 'Monday, 01-Jun-26 12:00:30 GMT', 30],
    ['asctime’s date, which is UTC as well', 'Mon Jun  1 12:00:30 2026', 30],
    ['a moment that is past', 'Mon, 01 Jun 2026 11:00:00 GMT', 0],
    ['more seconds than are believed', '9999999999', 3_600],
    ['a moment further away than is believed', 'Tue, 02 Jun 2026 12:00:00 GMT', 3_600],
  ])('says %s', (_what, header, seconds) => {
    expect(wait(header)).toBe(seconds);
  });

  test('is never shorter than what was asked, to the second', () => {
    expect(wait('Mon, 01 Jun 2026 12:00:30 GMT', noon + 1)).toBe(30);
  });

  test.each([
    null,
    '',
    'soon',
    'soon 1',
    '-5',
    '1.5',
    '2026-06-01T12:00:30Z',
    'Mon, 41 Jun 2026 12:00:30 GMT',
  ])('says nothing by %j', (header) => {
    expect(wait(header)).toBeNull();
  });
});
