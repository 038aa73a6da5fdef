/** What holds for every card, whatever the ledger says and whatever people and targets have written. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Audience } from '../../../db/messages.ts';
import type { RequestView } from '../../../db/views.ts';
import { homePage } from '../../../src/chat/cards/home.ts';
import { requestCard } from '../../../src/chat/cards/request-card.ts';
import { renderCard, renderHome } from '../../../src/chat/slack/render.ts';
import { ASSIGNMENT_STATES } from '../../../src/domain/assignment.ts';
import { END_REASONS, GRANT_STATES } from '../../../src/domain/grant.ts';
import { messageFaults, viewFaults } from '../../../src/playground/workspace/block-kit.ts';
import {
  at,
  contextOf,
  dba,
  grantView,
  incidentRow,
  omar,
  prodDba,
  requestView,
  voteBy,
} from '../../support/views.ts';
import { plain } from './plain.ts';

const AUDIENCES: readonly Audience[] = ['channel', 'owner', 'requester', 'live', 'reminder', 'overdue'];

const HOSTILE = [
  '',
  'failing over the primary',
  '<!channel> <@U0OMAR> <https://evil.test|Approve>',
  '*bold* `code` _it_ :rotating_light: & &amp; <>',
  '\u202Egnihtyna\nEnded 15:04, absence confirmed\u0000',
  'x'.repeat(500),
  '&'.repeat(500),
  '😀'.repeat(500),
  '<'.repeat(5000),
];
const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 300 }));
const name = fc.oneof(fc.constantFrom('Ana', ...HOSTILE), fc.string({ maxLength: 80 }));
const moment = fc.constantFrom(null, at('14:10'), at('15:04'), at('16:04:07'));

const person = fc.record({ name });
const votes = fc
  .array(name, { maxLength: 4 })
  .map((names) =>
    names.map((voter, index) => voteBy({ ...omar, id: 10 + index, name: voter }, { durationS: 600 })),
  );
const edges = fc.array(
  fc.record({
    assignment: fc.record({
      state: fc.constantFrom(...ASSIGNMENT_STATES),
      attempts: fc.nat(3),
      lastError: fc.option(text),
      inherited: fc.array(text, { maxLength: 8 }),
    }),
    claim: fc.record({ confirmedAt: moment, releasedAt: moment, shared: fc.boolean() }),
  }),
  { minLength: 12, maxLength: 12 },
);
const entitlements = fc.array(
  fc
    .record({
      description: text,
      account: text,
      connector: text,
      endsSessions: fc.boolean(),
      sessionOutlivesRevokeS: fc.constantFrom(0, null, 3600),
    })
    .map((over) => ({ ...dba, ...over })),
  { minLength: 1, maxLength: 12 },
);

function request(kind: 'access' | 'extension') {
  return fc
    .record({
      roleTitle: text,
      environment: text,
      reference: fc.option(
        fc.oneof(
          text,
          text.map((path) => `https://t.test/${path}`),
        ),
      ),
      reason: text,
      decisionNote: fc.option(text),
      approvedDurationS: fc.option(fc.constant(600)),
      endsBy: moment,
      entitlements,
    })
    .map((over) => ({
      ...over,
      kind,
      extendsGrant: kind === 'extension' ? 'R-7K3M' : null,
      entitlements: over.entitlements.map((one, index) => ({ ...one, edge: `edge ${index}` })),
    }));
}

const incident = fc.option(
  fc
    .record({
      source: fc.constantFrom('pagerduty', 'manual'),
      key: text,
      number: fc.option(text),
      url: fc.option(fc.oneof(text, fc.webUrl())),
      severity: fc.option(text),
      service: fc.option(text),
      closedAt: moment,
      endDueAt: moment,
    })
    .map((over) => incidentRow({ ...over, state: over.closedAt ? 'closed' : 'open' })),
);

const undecided = fc.record({
  request: fc
    .tuple(
      fc.constantFrom('access' as const, 'extension' as const).chain(request),
      fc.constantFrom('pending', 'denied', 'cancelled', 'expired'),
      fc.array(text, { maxLength: 30 }),
    )
    .map(([over, state, approvers]) => ({
      ...over,
      state,
      decision: {
        ...requestView().request.decision,
        stages: [
          { name: 'owner', approvers, required: 2 },
          { name: '<!here>', approvers, required: 1 },
        ],
      },
    })),
  requester: person,
  votes,
  incident,
});

const granted = fc.record({
  state: fc.constantFrom(...GRANT_STATES),
  over: fc.record({
    request: fc.constantFrom('access' as const, 'extension' as const).chain(request),
    requester: person,
    subject: fc.record({ name, id: fc.constantFrom(1, 4) }),
    votes,
    incident,
    edges,
    grant: fc.record({
      endReason: fc.constantFrom(...END_REASONS),
      endedBy: fc.option(name),
      endNote: fc.option(text),
      firstCallAt: moment,
      liveAt: moment,
      remindAt: moment,
      overdueAlertedAt: moment,
    }),
  }),
});

const anyView: fc.Arbitrary<RequestView> = fc.oneof(
  undecided.map((over) => requestView(over)),
  granted.map(({ state, over }) => grantView(state, over)),
);
const anyAudience = fc.constantFrom(...AUDIENCES);
const anyContext = fc
  .record({ role: fc.constantFrom(null, prodDba), sensitivity: text, name })
  .map(({ role, sensitivity, ...rest }) =>
    contextOf({
      role: role && { ...role, sensitivity },
      people: new Map(HOSTILE.map((email) => [email, { platform: 'slack', userId: 'U0OMAR', ...rest }])),
    }),
  );

describe('every card', () => {
  test('is taken by Slack, whatever was typed into it', () => {
    fc.assert(
      fc.property(anyView, anyAudience, anyContext, (view, audience, context) => {
        const card = requestCard(view, audience, context);
        expect([...card.title].length).toBeLessThanOrEqual(150);
        expect(messageFaults(renderCard(card, { marker: 'curfew:1' }))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  test('names people in its body without ringing their phones', () => {
    fc.assert(
      fc.property(anyView, anyAudience, anyContext, (view, audience, context) => {
        const spans = JSON.stringify(requestCard(view, audience, context).body);
        expect(spans).not.toContain('"person":');
      }),
      { numRuns: 200 },
    );
  });

  test('the home page is taken by Slack too, however much there is on it', () => {
    fc.assert(
      fc.property(fc.array(anyView, { maxLength: 12 }), (views) => {
        const page = homePage({
          live: views,
          pending: views,
          waiting: views,
          now: at('14:30'),
          roles: new Map([[prodDba.name, prodDba]]),
          people: new Map(),
        });
        expect(viewFaults(renderHome(page))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('no card says that access is over before it is', () => {
  const notYet = granted.map(({ over, state }) => {
    const open = state === 'ended' ? 'ending' : state;
    const { request: asked, ...rest } = over;
    // What people wrote is theirs: here only Curfew's own words count.
    const plainly = {
      ...asked,
      kind: 'access' as const,
      roleTitle: 'Database admin',
      reason: 'x',
      reference: null,
      environment: 'x',
      entitlements: [{ ...dba, endsSessions: asked.entitlements[0]?.endsSessions ?? false }],
    };
    const grant = { ...rest.grant, endedBy: null, endNote: null };
    const error = { attempts: over.edges[0]?.assignment.attempts ?? 0, lastError: 'prod-pg does not answer' };
    const assignment = { ...over.edges[0]?.assignment, inherited: [], ...error };
    const claim = over.edges[0]?.claim ?? {};
    return grantView(open, { request: plainly, grant, edges: [{ assignment, claim }] });
  });

  test('whatever its grant and its assignments went through', () => {
    fc.assert(
      fc.property(notYet, anyAudience, (view, audience) => {
        const words = plain(requestCard(view, audience, contextOf()))
          // The one way to say it: that its end has come, and that it is NOT yet done.
          .replace(/^Ended \d\d:\d\d,? but .*NOT yet .*$/gm, '')
          .replace(/^NOT yet removed: .*$/gm, '')
          .replace(/^To be removed: .*$/gm, '');
        expect(words).not.toMatch(/\b(ended|removed|gone|absent|absence|failed|taken back|was given)\b/i);
      }),
      { numRuns: 300 },
    );
  });

  test('and every card of an ended grant does', () => {
    for (const audience of AUDIENCES) {
      for (const endReason of END_REASONS) {
        const text = plain(requestCard(grantView('ended', { grant: { endReason } }), audience, contextOf()));
        expect(text).toMatch(/^(Ended|Failed): /);
      }
    }
  });
});
