/** What a person reads on a card, and what they can press, for each state and each reader. */
import { describe, expect, test } from 'vitest';
import type { Audience } from '../../../db/messages.ts';
import type { RequestView } from '../../../db/views.ts';
import { requestCard } from '../../../src/chat/cards/request-card.ts';
import type { CardContext } from '../../../src/chat/cards/scene.ts';
import {
  ana,
  at,
  ben,
  contextOf,
  dba,
  grantView,
  lea,
  omar,
  prodDba,
  requestView,
  voteBy,
} from '../../support/views.ts';
import { plain, pressable } from './plain.ts';

const AUDIENCES: readonly Audience[] = ['channel', 'owner', 'requester', 'live', 'reminder', 'overdue'];
const DECIDE = ['Approve', 'Approve for less', 'Deny'];

function reads(view: RequestView, audience: Audience = 'channel', over: Partial<CardContext> = {}): string {
  return plain(requestCard(view, audience, contextOf(over)));
}

function presses(view: RequestView, audience: Audience, over: Partial<CardContext> = {}): string[] {
  return pressable(requestCard(view, audience, contextOf(over)));
}

const deadTarget = { attempts: 3, lastError: 'prod-pg does not answer.', lastErrorCode: 'timeout' };
const cutting = { ...dba, endsSessions: true };
const extension = { id: 'R-8XQT', kind: 'extension', extendsGrant: 'R-7K3M', durationS: 1800 } as const;

function extensionView(over: Parameters<typeof requestView>[0] = {}): RequestView {
  const { grant, assignments } = grantView('live');
  return { ...requestView({ ...over, request: { ...extension, ...over.request } }), grant, assignments };
}

const views: Readonly<Record<string, RequestView>> = {
  pending: requestView(),
  starting: grantView('starting'),
  live: grantView('live'),
  ending: grantView('ending'),
  stuck: grantView('ending', { edges: [{ assignment: deadTarget }] }),
  returned: grantView('ended', { grant: { endReason: 'returned', endedBy: 'Ana' } }),
  window: grantView('ended'),
  failed: grantView('ended', { grant: { endReason: 'failed', liveAt: null } }),
  'revoked by an owner': grantView('ended', { grant: { endReason: 'revoked', endedBy: 'Omar' } }),
  'revoked outside': grantView('ended', { grant: { endReason: 'revoked' } }),
  denied: requestView({ request: { state: 'denied' } }),
  cancelled: requestView({ request: { state: 'cancelled' } }),
  expired: requestView({ request: { state: 'expired' } }),
  'more time, pending': extensionView(),
  'more time, approved': extensionView({ request: { state: 'approved' }, votes: [voteBy(omar)] }),
  'more time, expired': extensionView({ request: { state: 'expired' } }),
};

describe('buttons', () => {
  const table: Readonly<Record<string, Readonly<Partial<Record<Audience, readonly string[]>>>>> = {
    pending: { channel: DECIDE, owner: DECIDE, requester: ['Cancel'] },
    starting: { channel: ['Revoke'], owner: ['Revoke'] },
    live: {
      channel: ['Revoke'],
      owner: ['Revoke'],
      live: ["I'm done", 'Extend'],
      reminder: ["I'm done", 'Extend'],
    },
    ending: { overdue: ['Try now'] },
    stuck: { channel: ['Try now'], owner: ['Try now'], overdue: ['Try now'] },
    returned: {},
    window: { live: ['Ask again'] },
    failed: { requester: ['Ask again'] },
    'revoked by an owner': {},
    'revoked outside': { live: ['Ask again'] },
    denied: {},
    cancelled: {},
    expired: { requester: ['Ask again'] },
    'more time, pending': { channel: DECIDE, owner: DECIDE, requester: ['Cancel'] },
    'more time, approved': {},
    'more time, expired': {},
  };
  const cases = Object.entries(views).flatMap(([name, view]) =>
    AUDIENCES.map((audience) => ({ name, view, audience, expected: table[name]?.[audience] ?? [] })),
  );

  test.each(cases)('$name, $audience: $expected', ({ view, audience, expected }) => {
    expect(presses(view, audience)).toEqual(expected);
  });

  test('every button carries the id of the request that its card is about', () => {
    for (const view of Object.values(views)) {
      for (const audience of AUDIENCES) {
        const { actions } = requestCard(view, audience, contextOf());
        expect(actions.map(({ id }) => id)).toEqual(actions.map(() => view.request.id));
      }
    }
  });

  test('revoking asks whether one is sure, and says that sessions are cut where they are', () => {
    const view = grantView('live', { request: { entitlements: [cutting] } });
    const [revoke] = requestCard(view, 'channel', contextOf()).actions;
    expect(revoke?.confirm?.text).toBe('Ana loses Production database admin at once. Open sessions are cut.');
  });

  test('nothing can be decided once the time for it is over, though it has not lapsed yet', () => {
    expect(presses(views.pending as RequestView, 'owner', { now: at('22:00') })).toEqual([]);
  });

  test('a role that left the catalog cannot be decided, extended or asked for again, and the card says so', () => {
    const gone = { role: null };
    expect(reads(requestView(), 'owner', gone)).toContain('This role is not in the catalog any more');
    expect(presses(requestView(), 'owner', gone)).toEqual([]);
    expect(presses(grantView('live'), 'live', gone)).toEqual(["I'm done"]);
    expect(presses(grantView('ended'), 'live', gone)).toEqual([]);
  });

  test('more time is not offered where there is none to be had', () => {
    const full = grantView('live', { grant: { durationS: prodDba.maxDurationS } });
    expect(presses(full, 'live')).toEqual(["I'm done"]);
    const asked = grantView('live', { pendingExtension: extensionView().request });
    expect(presses(asked, 'live')).toEqual(["I'm done"]);
    expect(presses(grantView('live'), 'live', { now: at('15:04') })).toEqual(["I'm done"]);
  });
});

describe('a request that waits', () => {
  test('says who asks for what, what it gives, how long, in whose words, and who decides', () => {
    expect(reads(requestView())).toBe(
      [
        'Ana asks for Production database admin',
        'member of dba on prod-pg, as ana',
        'For: 1 h',
        'Risk: high',
        'Environment: production',
        'Data: confidential',
        'Reference: INC-1042',
        '> failing over the primary',
        'Waits for 1 of 2: Omar, Lea',
        'R-7K3M · asked 14:00 by @Ana (ana@acme.test) · lapses 22:00 · rule owner-approves',
      ].join('\n'),
    );
  });

  test('says to the requester what they asked for', () => {
    expect(reads(requestView(), 'requester')).toMatch(/^You asked for Production database admin\n/);
  });

  test('names the person it is for where that is somebody else', () => {
    const text = reads(requestView({ subject: ben }));
    expect(text).toMatch(/^Ana asks for Production database admin, for Ben\n/);
    expect(text).toContain('by @Ana (ana@acme.test) for @Ben (ben@acme.test)');
  });

  test('says when it would end at the latest, where an end was named', () => {
    expect(reads(requestView({ request: { endsBy: at('15:00') } }))).toContain('For: 1 h, until 15:00');
  });

  test('says who has approved and who is still missing', () => {
    const stages = [{ name: 'owner', approvers: [omar.email, lea.email], required: 2 }];
    const decision = { ...requestView().request.decision, stages };
    const text = reads(requestView({ request: { decision }, votes: [voteBy(omar)] }));
    expect(text).toContain('Waits for 1 more of 1: Lea; approved by Omar');
  });

  test('shows an approver whom the directory does not know by address, and a long list as a number', () => {
    const approvers = Array.from({ length: 14 }, (_, index) => `owner${index}@acme.test`);
    const stages = [{ name: 'owner', approvers, required: 1 }];
    const text = reads(requestView({ request: { decision: { ...requestView().request.decision, stages } } }));
    expect(text).toContain('Waits for 1 of 14: owner0@acme.test');
    expect(text).toContain('owner9@acme.test and 4 more');
  });

  test('a reference that is an https link leads there, and shows where', () => {
    const link = 'https://tickets.acme.test/INC-1042';
    const card = requestCard(requestView({ request: { reference: link } }), 'channel', contextOf());
    expect(card.body).toContainEqual({
      kind: 'facts',
      facts: expect.arrayContaining([{ label: 'Reference', value: [{ link, text: link }] }]),
    });
    const other = requestView({ request: { reference: 'javascript:alert(1)' } });
    expect(JSON.stringify(requestCard(other, 'channel', contextOf()))).not.toContain('"link"');
  });
});

describe('a request that came to nothing', () => {
  test('says who denied it and why, in their words', () => {
    const request = { state: 'denied', decidedBy: omar.id, decidedAt: at('14:05') } as const;
    const votes = [voteBy(omar, { verdict: 'deny' })];
    const view = requestView({ votes, request: { ...request, decisionNote: 'use the replica' } });
    expect(reads(view)).toContain('Denied by Omar 14:05:\n> use the replica\n');
  });

  test('says which rule denied it', () => {
    const decision = {
      ...requestView().request.decision,
      outcome: 'deny',
      rule: 'duration-cap',
      message: 'Production database admin is given for at most 4 h; you asked for 9 h.',
    } as const;
    const text = reads(requestView({ request: { state: 'denied', decision } }), 'requester');
    expect(text).toContain('Denied by the rules: Production database admin is given for at most 4 h');
    expect(text).toContain('rule duration-cap');
  });

  test('says who cancelled it, and why where Curfew did', () => {
    const request = { state: 'cancelled', decidedAt: at('14:05') } as const;
    expect(reads(requestView({ request: { ...request, decidedBy: ana.id } }))).toContain(
      'Cancelled by Ana 14:05.',
    );
    const note = 'The access ended first.';
    expect(reads(extensionView({ request: { ...request, decisionNote: note } }))).toContain(note);
  });

  test('says that nobody decided', () => {
    expect(reads(views.expired as RequestView)).toContain('Nobody decided in time: it expired 22:00.');
  });
});

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
    for (const audience of AUDIENCES) {
      const text = reads(views.stuck as RequestView, audience);
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
    [{ endReason: 'incident', endNote: 'INC-1042' }, 'Ended 14:40, the incident is over (INC-1042); absence'],
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

describe('more time', () => {
  test('says how much more of what, and until when', () => {
    const text = reads(extensionView());
    expect(text).toMatch(/^Ana asks for 30 min more of Production database admin\n/);
    expect(text).toContain('More: 30 min, until 15:34');
  });

  test('once approved, leaves what is true now to the card of the grant', () => {
    const votes = [voteBy(omar, { durationS: 600 })];
    const text = reads(extensionView({ request: { state: 'approved', approvedDurationS: 600 }, votes }));
    expect(text).toContain('10 min more, approved by Omar.\nApproved for less: 10 min instead of 30 min.');
    expect(text).toContain('added to R-7K3M');
    expect(text).not.toContain('until');
  });

  test('once denied, does not look like the access itself was denied', () => {
    const view = extensionView({ request: { state: 'denied' } });
    expect(reads(view)).toMatch(/^Denied \(30 min more\): Production database admin for Ana\n/);
  });
});
