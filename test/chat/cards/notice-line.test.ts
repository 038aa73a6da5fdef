/** What the timeline, a message and an alert say, once. */
import { describe, expect, test } from 'vitest';
import type { RequestView } from '../../../db/views.ts';
import { type NoticeContext, noticeLine } from '../../../src/chat/cards/notice-line.ts';
import type { Notice } from '../../../src/domain/notice.ts';
import { at, contextOf, grantView, requestView } from '../../support/views.ts';
import { plainLine } from './plain.ts';

const now = at('14:30');
const thread: NoticeContext = { now, audience: 'thread' };
const says = (notice: Notice, view: RequestView | null = requestView(), context = thread) =>
  plainLine(noticeLine(notice, view, context));

const until = at('15:04').toISOString();
const what = 'ana on prod-pg';

describe('a line', () => {
  const table: readonly (readonly [Notice, string])[] = [
    [{ kind: 'requested' }, 'Ana asked for Production database admin for 1 h.'],
    [{ kind: 'approved', by: 'Omar', durationS: 1800 }, 'Approved by Omar for 30 min.'],
    [{ kind: 'denied', by: 'Omar', note: 'use the replica' }, 'Denied by Omar: use the replica'],
    [{ kind: 'cancelled', by: 'Ana' }, 'Cancelled by Ana.'],
    [{ kind: 'cancelled', because: 'the access ended first' }, 'Cancelled: the access ended first.'],
    [{ kind: 'expired' }, 'Nobody decided in time, so the request expired.'],
    [{ kind: 'live', until }, 'Live until 15:04.'],
    [{ kind: 'extended', by: 'Omar', until }, 'Extended by Omar: until 15:04.'],
    [{ kind: 'ending', reason: 'window', by: null, note: null }, 'Ending: time was up.'],
    [
      { kind: 'ending', reason: 'revoked', by: 'Omar', note: 'wrong cluster' },
      'Ending: revoked by Omar. “wrong cluster”',
    ],
    [{ kind: 'trouble', what, message: 'no answer' }, 'ana on prod-pg: No answer. Trying again.'],
    [
      { kind: 'stuck', what, message: 'not configured.' },
      'ana on prod-pg is stuck: Not configured. Somebody has to look.',
    ],
    [
      { kind: 'renamed', from: what, to: 'ana_deleted' },
      'Renamed in the target: ana on prod-pg is called ana_deleted now. It is the same one.',
    ],
    [
      { kind: 'gone', what, gone: 'account' },
      'ana on prod-pg: the account is gone in the target, and the access with it. Whoever has its name now was given nothing.',
    ],
    [
      { kind: 'landed-late', what },
      'A call that was given up took effect late: ana on prod-pg has access again. Curfew is taking it away.',
    ],
    [
      { kind: 'found-again', what },
      'ana on prod-pg has access again after its end. Curfew did not give it and leaves it: have a look.',
    ],
    [
      { kind: 'identity-conflict', email: 'ana@acme.test', userId: 'U0EVE', message: 'Bound already.' },
      'Refused: chat user U0EVE comes with the address ana@acme.test. Bound already.',
    ],
    [
      { kind: 'frozen', by: 'Mia', on: true },
      'Mia froze Curfew: nothing new is granted, and what is due to end still ends.',
    ],
    [{ kind: 'frozen', by: 'Mia', on: false }, 'Mia lifted the freeze: access can be granted again.'],
    [
      { kind: 'audit-key-adopted', after: '17:abcd' },
      'The audit log has its first key. Nothing vouches for what was sealed before, up to 17:abcd. Where nobody set a key just now, the log was written anew.',
    ],
    [{ kind: 'audit-head', head: '17:abcd' }, 'Head of the audit log: 17:abcd'],
  ];

  test.each(table)('%o', (notice, expected) => {
    expect(says(notice)).toBe(expected);
  });

  test('says outside of a thread what it is about', () => {
    const line = noticeLine({ kind: 'expired' }, requestView(), { now, audience: 'person' });
    expect(plainLine(line)).toMatch(/^R-7K3M, Production database admin: Nobody decided/);
  });

  test('says how much more was asked for', () => {
    const view = requestView({ request: { kind: 'extension', durationS: 1800 } });
    expect(says({ kind: 'requested' }, view)).toBe('Ana asked for 30 min more of Production database admin.');
  });

  test('rings those who can decide when a request waits, and nobody else ever', () => {
    const { people } = contextOf();
    const waiting: Notice = { kind: 'still-waiting', until };
    const line = noticeLine(waiting, requestView(), { ...thread, people });
    expect(plainLine(line)).toBe('Still waiting for a decision by @Omar and @Lea. It lapses 15:04.');
    for (const [notice] of table) {
      expect(plainLine(noticeLine(notice, requestView(), { ...thread, people }))).not.toMatch(
        /@(Omar|Lea|Ana)/,
      );
    }
  });
});

describe('the end', () => {
  const ended = { kind: 'ended', reason: 'window', afterS: 3, shared: false } as const;

  test('is said with how long after it absence was confirmed', () => {
    expect(says(ended, grantView('ended'))).toBe('Ended: time was up. Absence confirmed 3 s later.');
  });

  test('names who ended it', () => {
    const view = grantView('ended', { grant: { endReason: 'returned', endedBy: 'Ana' } });
    expect(says({ ...ended, reason: 'returned' }, view)).toContain('Ended: handed back by Ana.');
  });

  test('is not called absence where the access is held by another way', () => {
    const shared = says(
      { ...ended, shared: true },
      grantView('ended', { edges: [{ claim: { shared: true } }] }),
    );
    expect(shared).toContain('ana still held it through another grant');
    const inherited = grantView('ended', { edges: [{ assignment: { inherited: ['through role ops'] } }] });
    expect(says(ended, inherited)).toContain('ana still holds it through role ops');
    for (const text of [shared, says(ended, inherited), says({ ...ended, shared: true }, null)]) {
      expect(text).not.toContain('Absence');
    }
  });

  test('of what was never given says so', () => {
    const view = grantView('ended', { grant: { endReason: 'failed', firstCallAt: null, liveAt: null } });
    const text = says({ ...ended, reason: 'failed' }, view);
    expect(text).toBe('Failed: it was not there in time. Nothing was given.');
  });
});
