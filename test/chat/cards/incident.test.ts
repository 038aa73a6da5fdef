/** What cards say of the incident that access is for: what it is, what its close means, and what it did. */
import { describe, expect, test } from 'vitest';
import { incidentsCard } from '../../../src/chat/cards/incidents-card.ts';
import { requestCard } from '../../../src/chat/cards/request-card.ts';
import { at, closedIncident, contextOf, grantView, incidentRow, requestView } from '../../support/views.ts';
import { plain } from './plain.ts';
import { extensionView, presses, reads } from './reading.ts';

const OPEN = 'Incident: INC-1042 · sev1 · payments · open since 13:50 · its close ends this access';
const incident = incidentRow();
const decided = requestView().request.decision;
const withGrace = { decision: { ...decided, facts: { incident: { graceS: 900 } } } };

describe('while the incident is open', () => {
  test.each([
    ['waiting for a decision', requestView({ incident })],
    ['starting', grantView('starting', { incident })],
    ['live', grantView('live', { incident })],
  ])('a card of access that is %s says that its close ends it', (_, view) => {
    for (const audience of ['channel', 'requester'] as const) {
      expect(reads(view, audience)).toContain(OPEN);
      expect(reads(view, audience)).not.toContain('Reference');
    }
  });

  test('a card says how long the access goes on after the close, where it does', () => {
    const text = reads(requestView({ incident, request: withGrace }));
    expect(text).toContain('open since 13:50 · this access ends 15 min after its close');
  });

  test('it is a link where its source says where it is, and only then', () => {
    const link = (url: string | null) =>
      JSON.stringify(requestCard(requestView({ incident: { ...incident, url } }), 'channel', contextOf()));
    expect(link(incident.url)).toContain('"link":"https://acme.pagerduty.test/incidents/Q1ABC"');
    for (const url of [null, 'javascript:alert(1)', 'http://acme.test/x', 'https://'])
      expect(link(url)).not.toContain('"link"');
  });

  test('it says that it was opened by hand', () => {
    const byHand = incidentRow({ source: 'manual', severity: null, service: null, url: null });
    expect(reads(requestView({ incident: byHand }))).toContain('INC-1042 · opened by hand · open since');
  });

  test('the notification names it', () => {
    const { summary } = requestCard(
      requestView({ incident, request: { reference: 'Q1ABC' } }),
      'channel',
      contextOf(),
    );
    expect(summary).toContain('(INC-1042)');
  });

  test('a request for more time says it too', () => {
    expect(reads(extensionView({ incident }))).toContain(OPEN);
    const approved = reads(extensionView({ incident, request: { state: 'approved' } }));
    expect(approved).toContain('Incident: INC-1042 · sev1 · payments · open since 13:50');
    expect(approved).not.toContain('its close');
  });
});

describe('once the incident is closed', () => {
  const inGrace = closedIncident({ endDueAt: at('14:55') });

  test('live access says until when the grace lasts, and offers no more time', () => {
    const view = grantView('live', { incident: inGrace });
    const text = reads(view, 'live');
    expect(text).toContain('Live until 14:55');
    expect(text).toContain('closed 14:40 · this access ends 14:55');
    expect(presses(view, 'live')).toEqual(["I'm done"]);
    expect(presses(grantView('live', { incident }), 'live')).toContain('Extend');
  });

  test('a grace that outlasts the time asked for gives no more of it', () => {
    const text = reads(grantView('live', { incident: closedIncident({ endDueAt: at('15:30') }) }), 'live');
    expect(text).toContain('Live until 15:04');
  });

  const grant = {
    endReason: 'incident',
    endNote: 'INC-1042 was closed',
    endingAt: at('14:40'),
    endedAt: at('14:40:03'),
  } as const;

  test('access that ended with it says so, and that it is gone', () => {
    const text = reads(grantView('ended', { incident: closedIncident(), grant }));
    expect(text).toContain('Ended 14:40, since INC-1042 was closed; absence confirmed 3 s later.');
    expect(text).toContain('INC-1042 · sev1 · payments · closed 14:40');
    expect(text).not.toContain('this access ends');
  });

  test('it can be asked for again when the incident is reopened, and not before', () => {
    expect(presses(grantView('ended', { incident: closedIncident(), grant }), 'live')).toEqual([]);
    expect(presses(grantView('ended', { incident, grant }), 'live')).toEqual(['Ask again']);
    expect(presses(grantView('ended', { incident, grant }), 'channel')).toEqual([]);
  });

  test('a request that it cancelled says so', () => {
    const request = {
      state: 'cancelled',
      decidedAt: at('14:40'),
      decisionNote: 'The incident INC-1042 was closed.',
    } as const;
    const text = reads(requestView({ incident: closedIncident(), request }));
    expect(text).toContain('Cancelled 14:40.\nThe incident INC-1042 was closed.');
    expect(text).toContain('INC-1042 · sev1 · payments · closed 14:40');
  });
});

describe('the list of open incidents', () => {
  const real = at('14:15');

  test('says of each its name, title, severity, service, age and who has it, with a link', () => {
    const card = incidentsCard({
      incidents: [
        incident,
        incidentRow({ number: null, severity: null, service: null, acknowledgedBy: null }),
      ],
      notAsked: [],
      real,
    });
    expect(plain(card).split('\n').slice(1)).toEqual([
      '• INC-1042 Checkout is down: sev1, payments, open for 25 min, acknowledged by omar@acme.test',
      '• Q1ABC Checkout is down: open for 25 min, acknowledged by nobody yet',
    ]);
    expect(JSON.stringify(card)).toContain(String(incident.url));
  });

  test.each([
    ['13:50:01', '13:51', 'just opened'],
    ['12:00', '14:15', 'open for 2 h 15 min'],
  ])('an incident opened %s reads at %s: %s', (opened, now, words) => {
    const card = incidentsCard({
      incidents: [incidentRow({ openedAt: at(opened) })],
      notAsked: [],
      real: at(now),
    });
    expect(plain(card)).toContain(words);
  });

  test('says which source could not be asked, and never that nothing is open then', () => {
    const text = plain(incidentsCard({ incidents: [], notAsked: ['pagerduty did not answer.'], real }));
    expect(text).toContain(
      'Pagerduty did not answer. Of its incidents, only those that Curfew heard of are shown.',
    );
    expect(text).not.toContain('No incident is open.');
    expect(plain(incidentsCard({ incidents: [], notAsked: [], real }))).toContain('No incident is open.');
  });

  test('is bounded, and says how many more there are', () => {
    const incidents = Array.from({ length: 25 }, () => incident);
    const text = plain(incidentsCard({ incidents, notAsked: [], real }));
    expect(text).toContain('… and 5 more.');
  });
});
