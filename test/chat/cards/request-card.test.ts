/** What a person reads on the card of a request, and what they can press, for each state and each reader. */
import { describe, expect, test } from 'vitest';
import type { Audience } from '../../../db/messages.ts';
import type { RequestView } from '../../../db/views.ts';
import { requestCard } from '../../../src/chat/cards/request-card.ts';
import {
  ana,
  at,
  ben,
  contextOf,
  grantView,
  lea,
  omar,
  prodDba,
  requestView,
  voteBy,
} from '../../support/views.ts';
import { AUDIENCES, cutting, deadTarget, extensionView, presses, reads } from './reading.ts';

const DECIDE = ['Approve', 'Approve for less', 'Deny'];

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
