/** What a person reads on the card of access, from being on its way to having ended. */
import { describe, expect, test } from 'vitest';
import { at, dba, grantView } from '../../support/views.ts';
import { AUDIENCES, cutting, deadTarget, extensionView, reads } from './reading.ts';

describe('access that is on its way', () => {
  test('says which target it waits for, and until when', () => {
    const text = reads(grantView('starting'));
    expect(text).toMatch(/^Starting: Production database admin for Ana\n/);
    expect(text).toContain('Starting: waiting for prod-pg, until 14:19 at the latest.\nApproved by Omar.');
  });

  test('says what is wrong with the target while it is tried again', () => {
    const text = reads(grantView('starting', { edges: [{ assignment: deadTarget }] }));
    expect(text).toContain('Starting: waiting for prod-pg (does not answer, trying again until 14:19).');
  });

  test('names only the targets that have not confirmed', () => {
    const okta = { ...dba, connector: 'okta', targetId: 'okta:1', description: 'member of dba in okta' };
    const view = grantView('starting', {
      request: { entitlements: [dba, okta] },
      edges: [
        { claim: { confirmedAt: at('14:05') } },
        { assignment: { ...deadTarget, lastError: 'Gone away.' } },
      ],
    });
    const text = reads(view);
    expect(text).toContain('waiting for okta (Gone away, trying');
    expect(text).not.toContain('waiting for prod-pg');
  });

  test('an error from before the present effort is not held against it', () => {
    const view = grantView('starting', { edges: [{ assignment: { ...deadTarget, attempts: 0 } }] });
    expect(reads(view)).not.toContain('does not answer');
  });
});

describe('live access', () => {
  test('says until when, and by whom it was approved', () => {
    expect(reads(grantView('live'))).toContain('\nLive until 15:04, approved by Omar.\n');
    expect(reads(grantView('live'), 'live')).toMatch(/^Live: Production database admin\n/);
  });

  test('says that it was approved for less', () => {
    const view = grantView('live', { request: { approvedDurationS: 1800 } });
    for (const audience of ['channel', 'live'] as const) {
      expect(reads(view, audience)).toContain('Approved for less: 30 min instead of 1 h.');
    }
  });

  test('the reminder says that it ends soon, and warns where sessions will be cut', () => {
    const view = grantView('live', { request: { entitlements: [cutting] }, grant: { remindAt: null } });
    const text = reads(view, 'reminder');
    expect(text).toMatch(
      /^Ends soon: Production database admin\nIt ends at 15:04\. Ask now if you need longer\./,
    );
    expect(text).toContain('Sessions on prod-pg are cut at the end.');
    expect(reads(grantView('live'), 'reminder')).not.toContain('cut');
  });

  test('a reminder does not say "soon" any more once the end was moved', () => {
    const view = grantView('live', { grant: { endsAt: at('16:04'), remindAt: at('15:59') } });
    expect(reads(view, 'reminder')).toMatch(/^Live: .*\nLive until 16:04/);
  });

  test('says that more time was asked for', () => {
    const view = grantView('live', { pendingExtension: extensionView().request });
    expect(reads(view)).toContain('30 min more was asked for: R-8XQT waits for a decision.');
  });
});

describe('access that is being taken away', () => {
  test('says that it is ending, why, and where', () => {
    const view = grantView('ending', {
      grant: { endReason: 'revoked', endedBy: 'Omar', endNote: 'wrong cluster', endingAt: at('14:40') },
    });
    const text = reads(view);
    expect(text).toMatch(/^Ending: Production database admin for Ana\nEnding since 14:40: revoked by Omar\./);
    expect(text).toContain('> wrong cluster\nprod-pg: taking it away.');
    expect(text).toContain('To be removed: member of dba on prod-pg, as ana');
  });

  test('says in its first line that it is NOT yet removed, what is wrong, and that it is tried again', () => {
    const stuck = grantView('ending', { edges: [{ assignment: deadTarget }] });
    for (const audience of AUDIENCES) {
      const text = reads(stuck, audience);
      expect(text).toMatch(/^NOT yet removed: Production database admin/);
      expect(text).toContain('\nEnded 15:04 but NOT yet removed: prod-pg does not answer, trying again.\n');
    }
  });

  test('an alert goes on being one in the moment after "Try now", until absence is confirmed', () => {
    const tried = grantView('ending', { grant: { overdueAlertedAt: at('15:05') } });
    expect(reads(tried, 'overdue')).toContain('Ended 15:04 but NOT yet removed: waiting for prod-pg.');
    expect(reads(tried, 'channel')).toContain('NOT yet removed');
    expect(reads(grantView('ended'), 'overdue')).toContain('absence confirmed');
  });

  test('tells a removal that is confirmed from sessions that are not cut yet', () => {
    const assignment = { ...deadTarget, state: 'ending_sessions' } as const;
    const text = reads(grantView('ending', { edges: [{ assignment }] }));
    expect(text).toMatch(/^Sessions NOT yet cut: /);
    expect(text).toContain(
      'Ended 15:04, but sessions are NOT yet cut: prod-pg does not answer, trying again.',
    );
    expect(text).not.toContain('To be removed');
  });
});

describe('access that has ended', () => {
  const ended = (grant: NonNullable<Parameters<typeof grantView>[1]>['grant']) =>
    reads(grantView('ended', { grant: { endingAt: at('14:40'), endedAt: at('14:40:03'), ...grant } }));

  test.each([
    [
      { endReason: 'returned', endedBy: 'Ana' },
      'Ended 14:40, handed back by Ana; absence confirmed 3 s later.',
    ],
    [
      { endReason: 'incident', endNote: 'INC-1042 was closed' },
      'Ended 14:40, since INC-1042 was closed; absence confirmed 3 s later.',
    ],
    [{ endReason: 'incident' }, 'Ended 14:40, since the incident is over; absence confirmed'],
    [{ endReason: 'revoked', endedBy: 'Omar' }, 'Ended 14:40, revoked by Omar; absence confirmed 3 s later.'],
    [{ endReason: 'revoked' }, 'Ended 14:40, taken away in the target, outside Curfew; absence confirmed'],
    [{ endReason: 'offboarded' }, 'Ended 14:40, the account in chat was deactivated; absence confirmed'],
    [
      { endReason: 'review', endedBy: 'Lea' },
      'Ended 14:40, not confirmed in a review by Lea; absence confirmed',
    ],
    [
      { endReason: 'failed', endNote: 'prod-pg refused.' },
      'Failed 14:40: prod-pg refused. What was given is taken back; absence confirmed 3 s later.',
    ],
    [
      { endReason: 'failed' },
      'Failed 14:40: it was not there in time. What was given is taken back; absence',
    ],
    [
      { endReason: 'failed', firstCallAt: null, liveAt: null },
      'it was not there in time. Nothing was given.',
    ],
    [
      { endReason: 'revoked', endedBy: 'Omar', firstCallAt: null, liveAt: null },
      'revoked by Omar. Nothing had',
    ],
  ] as const)('%o', (grant, expected) => {
    expect(ended(grant)).toContain(expected);
  });

  test('at the end of its window it names the end that was promised, and how much later absence was seen', () => {
    const late = grantView('ended', { grant: { endingAt: at('15:40'), endedAt: at('16:04') } });
    expect(reads(late)).toContain('Ended 15:04, time was up; absence confirmed 1 h later.');
    expect(reads(grantView('ended', { grant: { endedAt: at('15:04') } }))).toContain(
      'confirmed within a second',
    );
  });

  test('quotes whoever ended it', () => {
    const text = ended({ endReason: 'revoked', endedBy: 'Omar', endNote: 'wrong cluster' });
    expect(text).toContain('> wrong cluster');
  });

  test('is not called absent where another grant gives it too', () => {
    const text = reads(grantView('ended', { edges: [{ claim: { shared: true } }] }));
    expect(text).toContain('ana still held it through another grant at that time: member of dba on prod-pg.');
    expect(text).not.toContain('absence');
  });

  test('is not called absent where the account inherits it', () => {
    const text = reads(grantView('ended', { edges: [{ assignment: { inherited: ['through role ops'] } }] }));
    expect(text).toContain('ana still holds it through role ops: member of dba on prod-pg.');
    expect(text).not.toContain('absence');
  });

  test.each([
    [null, 'Sessions begun before on prod-pg may go on.'],
    [3600, 'Sessions begun before on prod-pg may go on for up to 1 h.'],
    [0, null],
  ])('sessions that outlive it by %o s: %o', (sessionOutlivesRevokeS, expected) => {
    const entitlements = [{ ...dba, sessionOutlivesRevokeS }];
    const text = reads(grantView('ended', { request: { entitlements } }));
    if (expected === null) expect(text).not.toContain('Sessions begun');
    else expect(text).toContain(expected);
    const never = { endReason: 'failed', firstCallAt: null, liveAt: null } as const;
    expect(reads(grantView('ended', { request: { entitlements }, grant: never }))).not.toContain(
      'Sessions begun',
    );
  });
});
