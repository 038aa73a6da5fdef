import { describe, expect, test } from 'vitest';
import { pagerdutySource } from '../../src/incidents/pagerduty/pagerduty-source.ts';
import { delivery, type Told } from '../support/incident-vendor.ts';
import { envelope, incidentData, pagerdutyEvent } from '../support/pagerduty-events.ts';

const incident: Told = {
  key: 'PGR0VU2',
  number: 2,
  title: 'A little bump in the road',
  openedAt: new Date('2020-04-09T15:16:27.000Z'),
};
const at = new Date('2020-10-02T18:45:22.169Z');
const SECRET = 'whsec-one';

function pagerduty(settings: Record<string, unknown> = {}) {
  const parsed = pagerdutySource.config.parse({ kind: 'pagerduty', webhook_secret: SECRET, ...settings });
  return pagerdutySource.create('pagerduty', parsed);
}
const read = (event: unknown, settings = {}) =>
  pagerduty(settings).read(delivery(Buffer.from(JSON.stringify(event)), {}));
const readData = (type: string, data: unknown) => read(envelope('ev-1', type, at, data));

describe('signatures', () => {
  /** From PagerDuty's own Go client: github.com/PagerDuty/go-pagerduty, webhookv3/webhookv3_test.go. */
  const VENDORS_SECRET = 'lDQHScfUeXUKaQRNF+8XIiDKZ7XX3itBAYzwU0TARw8lJqRnkKl2iB1anSb0Z+IK';
  const VENDORS_BODY = Buffer.from(
    '{"event":{"id":"01BWDWL3NYY7LUFPZCC28QUCMK","event_type":"incident.priority_updated","resource_type":"incident","occurred_at":"2021-04-26T17:36:27.458Z","agent":{"html_url":"https://acme.pagerduty.com/users/PLH1HKV","id":"PLH1HKV","self":"https://api.pagerduty.com/users/PLH1HKV","summary":"Tenex Engineer","type":"user_reference"},"client":null,"data":{"id":"PGR0VU2","type":"incident","self":"https://api.pagerduty.com/incidents/PGR0VU2","html_url":"https://acme.pagerduty.com/incidents/PGR0VU2","number":2,"status":"triggered","title":"A little bump in the road","service":{"html_url":"https://acme.pagerduty.com/services/PF9KMXH","id":"PF9KMXH","self":"https://api.pagerduty.com/services/PF9KMXH","summary":"API Service","type":"service_reference"},"assignees":[{"html_url":"https://acme.pagerduty.com/users/PTUXL6G","id":"PTUXL6G","self":"https://api.pagerduty.com/users/PTUXL6G","summary":"User 123","type":"user_reference"}],"escalation_policy":{"html_url":"https://acme.pagerduty.com/escalation_policies/PUS0KTE","id":"PUS0KTE","self":"https://api.pagerduty.com/escalation_policies/PUS0KTE","summary":"Default","type":"escalation_policy_reference"},"teams":[{"html_url":"https://acme.pagerduty.com/teams/PFCVPS0","id":"PFCVPS0","self":"https://api.pagerduty.com/teams/PFCVPS0","summary":"Engineering","type":"team_reference"}],"priority":{"html_url":"https://acme.pagerduty.com/account/incident_priorities","id":"PSO75BM","self":"https://api.pagerduty.com/priorities/PSO75BM","summary":"P1","type":"priority_reference"},"urgency":"high","conference_bridge":{"conference_number":1000,"conference_url":"https://example.com"},"resolve_reason":null}}}',
  );
  const VENDORS_SIGNATURE = 'v1=0c0b9495b893a39e70d1fea2fe11fbe0a825f88b9f67846f6cc07dd2bc5476cd';
  const OTHERS = 'v1=7020c8a7ec668a9b7012bc3dd82e483394b038f4230acc6785efbf2a7d8bcaf5';
  /** By `openssl dgst -sha256 -hmac whsec-one`, and whsec-two. */
  const BODY = Buffer.from('{"event":{"id":"e1","data":{"title":"Ärger 🌙"}}}');
  const BY_ONE = 'f92391b3083a6d11672ec512b7e275227e849f749352848a93caab0a31d7db13';
  const BY_TWO = 'ba73e4a129505207c92cae0abe9dba049d259bb4220cfcc887b5cfe68633e841';

  const verify = (rawBody: Buffer, header: string, secret: unknown = SECRET) =>
    pagerduty({ webhook_secret: secret }).verify(delivery(rawBody, { 'X-PagerDuty-Signature': header }));

  test('those that PagerDuty’s own client takes and refuses', () => {
    expect(verify(VENDORS_BODY, VENDORS_SIGNATURE, VENDORS_SECRET)).toBe(true);
    expect(verify(VENDORS_BODY, OTHERS, VENDORS_SECRET)).toBe(false);
    expect(verify(Buffer.alloc(0), VENDORS_SIGNATURE, VENDORS_SECRET)).toBe(false);
    expect(verify(VENDORS_BODY, '', VENDORS_SECRET)).toBe(false);
  });

  test('that event is read, though it does not say when the incident opened', () => {
    expect(pagerduty().read(delivery(VENDORS_BODY, {}))).toMatchObject({
      kind: 'sighting',
      eventId: '01BWDWL3NYY7LUFPZCC28QUCMK',
      sighting: { key: 'PGR0VU2', state: 'open', openedAt: new Date('2021-04-26T17:36:27.458Z') },
    });
  });

  test('of several one will do, by any of the secrets, in either case and with spaces', () => {
    expect(verify(BODY, `v1=${BY_ONE}`)).toBe(true);
    expect(verify(BODY, `v1=${BY_TWO}`)).toBe(false);
    expect(verify(BODY, `v1=${BY_TWO}, v1=${BY_ONE}`)).toBe(true);
    expect(verify(BODY, `v1=${BY_TWO}`, [SECRET, 'whsec-two'])).toBe(true);
    expect(verify(BODY, `v1=${BY_ONE.toUpperCase()}`)).toBe(true);
  });

  test('only whole ones of version 1 count', () => {
    for (const header of [
      BY_ONE,
      `v0=${BY_ONE}`,
      `v2=${BY_ONE}`,
      `v1=${BY_ONE.slice(0, -2)}`,
      `v1=${BY_ONE}00`,
      `v1=${BY_ONE} ${BY_TWO}`,
      'v1=',
      ',,,',
    ]) {
      expect(verify(BODY, header), header).toBe(false);
    }
  });

  test('after ten of them nobody looks on', () => {
    const wrong = Array.from({ length: 9 }, () => `v1=${BY_TWO}`);
    expect(verify(BODY, [...wrong, `v1=${BY_ONE}`].join(','))).toBe(true);
    expect(verify(BODY, [...wrong, `v1=${BY_TWO}`, `v1=${BY_ONE}`].join(','))).toBe(false);
    expect(verify(BODY, `v1=${BY_ONE},${'x'.repeat(100_000)}`)).toBe(false);
  });
});

describe('what an event says', () => {
  test('the whole incident, as of when it happened', () => {
    const sent = pagerdutyEvent('opened', { eventId: 'ev-1', at, incident, into: null });
    expect(read(sent)).toEqual({
      kind: 'sighting',
      eventId: 'ev-1',
      sighting: {
        key: 'PGR0VU2',
        number: '#2',
        url: 'https://acme.pagerduty.com/incidents/PGR0VU2',
        title: 'A little bump in the road',
        state: 'open',
        nature: 'real',
        severity: 'P1',
        service: 'API Service',
        acknowledgedBy: null,
        channel: null,
        mergedInto: null,
        openedAt: incident.openedAt,
        at,
      },
    });
  });

  test('the priority is the severity, by the configuration’s name where it has one; urgency is none', () => {
    const severityOf = (priority: unknown) =>
      read(envelope('ev-1', 'incident.triggered', at, incidentData(incident, { priority })), {
        severities: { P1: 'sev1', high: 'sev2' },
      });
    expect(severityOf({ summary: 'P1' })).toMatchObject({ sighting: { severity: 'sev1' } });
    expect(severityOf({ summary: 'P4' })).toMatchObject({ sighting: { severity: 'P4' } });
    expect(severityOf({ summary: 'constructor' })).toMatchObject({ sighting: { severity: 'constructor' } });
    expect(severityOf(null)).toMatchObject({ sighting: { severity: null } });
  });

  test('who acknowledged it is who did so, later the one it is assigned to, and nobody once that lapsed', () => {
    const by = (type: string, status: string) => readData(type, incidentData(incident, { status }));
    expect(by('incident.acknowledged', 'acknowledged')).toMatchObject({
      sighting: { acknowledgedBy: 'Tenex Engineer' },
    });
    expect(by('incident.priority_updated', 'acknowledged')).toMatchObject({
      sighting: { acknowledgedBy: 'User 123' },
    });
    expect(by('incident.unacknowledged', 'triggered')).toMatchObject({ sighting: { acknowledgedBy: null } });
  });

  test('who is no person acknowledges nothing', () => {
    const sent = envelope(
      'ev-1',
      'incident.acknowledged',
      at,
      incidentData(incident, { status: 'acknowledged' }),
    );
    const bot = { ...sent.event, agent: { type: 'service_reference', summary: 'Some integration' } };
    expect(read({ event: bot })).toMatchObject({ sighting: { acknowledgedBy: 'User 123' } });
  });

  test.each([
    'incident.acknowledged',
    'incident.delegated',
    'incident.escalated',
    'incident.incident_type.changed',
    'incident.priority_updated',
    'incident.reassigned',
    'incident.reopened',
    'incident.resolved',
    'incident.service_updated',
    'incident.title_updated',
    'incident.triggered',
    'incident.unacknowledged',
    'incident.urgency_updated',
  ])('%s is as closed as the incident in it', (type) => {
    for (const [status, state] of [
      ['resolved', 'closed'],
      ['acknowledged', 'open'],
      ['triggered', 'open'],
    ]) {
      expect(readData(type, incidentData(incident, { status }))).toMatchObject({ sighting: { state } });
    }
  });

  test('merged into itself, or open, is not merged', () => {
    const resolve_reason = { type: 'merge_resolve_reason', incident: { id: 'PGR0VU2' } };
    const other = { type: 'merge_resolve_reason', incident: { id: 'PBAZLIU' } };
    const merged = (fields: object) => readData('incident.resolved', incidentData(incident, { ...fields }));
    expect(merged({ status: 'resolved', resolve_reason })).toMatchObject({ sighting: { mergedInto: null } });
    expect(merged({ status: 'triggered', resolve_reason: other })).toMatchObject({
      sighting: { mergedInto: null },
    });
    expect(merged({ status: 'resolved', resolve_reason: other })).toMatchObject({
      sighting: { mergedInto: 'PBAZLIU' },
    });
  });

  test.each([
    ['incident.annotated', 'incident_note'],
    ['incident.responder.added', 'incident_responder'],
    ['incident.responder.replied', 'incident_responder'],
    ['incident.status_update_published', 'incident_status_update'],
    ['incident.conference_bridge.updated', 'incident_conference_bridge'],
    ['incident.custom_field_values.updated', 'incident_field_values'],
    ['incident.workflow.started', 'incident_workflow_instance'],
    ['incident.something.new', 'incident_something'],
  ])('%s only refers to its incident, so PagerDuty is asked about that', (type, dataType) => {
    const data = { id: 'P2LA89X', type: dataType, incident: { id: 'PGR0VU2', type: 'incident_reference' } };
    expect(readData(type, data)).toEqual({ kind: 'nudge', eventId: 'ev-1', key: 'PGR0VU2' });
  });

  test('an incident that cannot be read whole, or comes with a new type of event, is asked about', () => {
    const about = { kind: 'nudge', eventId: 'ev-1', key: 'PGR0VU2' };
    const resolved = (fields: object) => readData('incident.resolved', incidentData(incident, { ...fields }));
    expect(resolved({ status: 'half-closed' })).toEqual(about);
    expect(readData('incident.archived', incidentData(incident))).toEqual(about);
    const { event } = pagerdutyEvent('resolved', { eventId: 'ev-1', at, incident, into: null });
    expect(read({ event: { ...event, occurred_at: 'yesterday' } })).toEqual(about);
    expect(resolved({ id: '../users' })).toEqual({ ...about, key: null });
    expect(readData('incident.resolved', null)).toEqual({ ...about, key: null });
  });

  test('a close is not lost over what does not matter to it', () => {
    const odd = {
      status: 'resolved',
      title: 7,
      html_url: 'javascript:alert(1)',
      number: 'two',
      created_at: '',
    };
    const more = { service: 'none', priority: [], assignees: {}, resolve_reason: 'tired' };
    expect(readData('incident.resolved', incidentData(incident, { ...odd, ...more }))).toMatchObject({
      sighting: { key: 'PGR0VU2', state: 'closed', url: null, number: null, service: null, openedAt: at },
    });
  });

  test.each([
    ['pagey.ping', { type: 'ping', message: 'Hello from your friend Pagey!' }],
    ['service.updated', { id: 'PF9KMXH', type: 'service' }],
  ])('%s is counted, no more', (type, data) => {
    expect(readData(type, data)).toEqual({ kind: 'unknown', eventId: 'ev-1', type });
    // A refusal would make PagerDuty drop it for good, so what is not needed need not be there.
    const spare = { event: { id: 'ev-1', event_type: type, occurred_at: '2026-11-20T14:00:00Z', data } };
    expect(read(spare)).toEqual({ kind: 'unknown', eventId: 'ev-1', type });
  });
});

describe('configuration', () => {
  const problems = (settings: Record<string, unknown>) => {
    const whole = { kind: 'pagerduty', webhook_secret: SECRET, ...settings };
    return pagerdutySource.config.safeParse(whole).error?.issues.map(({ path }) => path.join('.')) ?? [];
  };

  test('needs a secret only; without a token nothing is asked', () => {
    expect(problems({})).toEqual([]);
    expect(pagerduty()).toMatchObject({ kind: 'pagerduty', polls: false, graceS: 0, unconfirmed: 'keep' });
    expect(pagerduty({ api_token: 'abc', grace: '15m', unconfirmed: 'end' })).toMatchObject({
      polls: true,
      graceS: 900,
      unconfirmed: 'end',
    });
  });

  test.each([
    ['webhook_secret', ''],
    ['webhook_secret', []],
    ['webhook_secret', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['api_token', 'abc\ndef'],
    ['api_token', 'abc def'],
    ['from', 'nobody'],
    ['from', 'a@example.com\r\nX-Evil: 1'],
    ['api_url', 'http://api.pagerduty.com'],
    ['api_url', 'https://user:password@api.pagerduty.com'],
  ])('%s cannot be %j', (field, value) => {
    expect(problems({ [field]: value })).toEqual([field]);
  });
});
