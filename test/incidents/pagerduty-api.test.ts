import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pagerdutySource } from '../../src/incidents/pagerduty/pagerduty-source.ts';
import type { IncidentSource } from '../../src/incidents/source.ts';
import { FAKE_FROM, FAKE_TOKEN, type FakePagerDuty, startFakePagerDuty } from '../support/fake-pagerduty.ts';

const incident = {
  key: 'Q0F9YP0YHV2G6Z',
  number: 1042,
  title: 'Checkout is down',
  openedAt: new Date('2026-03-01T09:58:00.000Z'),
};
const NOT_FOUND = JSON.stringify({ error: { message: 'Not Found', code: 2100 } });
const { signal } = new AbortController();

describe('PagerDuty’s API', () => {
  let api: FakePagerDuty;
  const made: IncidentSource[] = [];
  beforeEach(async () => {
    api = await startFakePagerDuty();
  });
  afterEach(async () => {
    for (const source of made.splice(0)) await source.close();
    await api.close();
  });

  function pagerduty(settings: Record<string, unknown> = {}): IncidentSource {
    const whole = {
      kind: 'pagerduty',
      webhook_secret: 'secret',
      api_token: FAKE_TOKEN,
      api_url: api.url,
      from: FAKE_FROM,
      ...settings,
    };
    const source = pagerdutySource.create('pagerduty', pagerdutySource.config.parse(whole));
    made.push(source);
    return source;
  }
  const failure = (asked: Promise<unknown> | undefined) => expect(asked).rejects;

  test('an incident is found by its number, with all that PagerDuty says of it', async () => {
    const acknowledger = {
      type: 'user',
      summary: 'Ana Lima',
      email: 'ana@example.com',
    };
    api.putRaw(incident, {
      status: 'acknowledged',
      priority: { type: 'priority_reference', summary: 'P2' },
      acknowledgements: [{ at: '2026-03-01T10:00:00Z', acknowledger }],
    });
    const found = await pagerduty({ severities: { P2: 'sev2' } }).find('#1042', signal);
    expect(found).toMatchObject({
      key: 'Q0F9YP0YHV2G6Z',
      number: '#1042',
      url: 'https://acme.pagerduty.com/incidents/Q0F9YP0YHV2G6Z',
      severity: 'sev2',
      service: 'API Service',
      acknowledgedBy: 'ana@example.com',
      mergedInto: null,
    });
  });

  test('a merge is told by the poll too', async () => {
    const resolve_reason = { type: 'merge_resolve_reason', incident: { id: 'PBAZLIU' } };
    api.putRaw(incident, { status: 'resolved', resolve_reason });
    expect(await pagerduty().find(incident.key, signal)).toMatchObject({
      state: 'closed',
      mergedInto: 'PBAZLIU',
    });
  });

  test('open ones of long ago are listed, in pages as large as PagerDuty gives', async () => {
    api.putRaw({ ...incident, openedAt: new Date('2021-01-01T00:00:00.000Z') }, { status: 'acknowledged' });
    expect(await pagerduty({ api_url: `${api.url}/` }).listOpen(signal)).toMatchObject([{ number: '#1042' }]);
    expect(api.lines()).toEqual([expect.stringContaining('limit=100&offset=0')]);
  });

  test('at most 100 are listed, whatever the size of the pages', async () => {
    const large = await startFakePagerDuty({ pageSize: 30 });
    for (let index = 0; index < 120; index++) {
      large.put({ ...incident, key: `Q${String(index).padStart(13, '0')}`, number: index + 1 }, 'open');
    }
    expect(await pagerduty({ api_url: large.url }).listOpen(signal)).toHaveLength(100);
    await large.close();
  });

  test('one that was resolved while the list was made is not listed', async () => {
    const incidents = [
      { id: incident.key, status: 'resolved' },
      { id: 'PGR0VU2', status: 'triggered' },
    ];
    api.answer(200, {}, JSON.stringify({ incidents, more: false }));
    expect(await pagerduty().listOpen(signal)).toMatchObject([{ key: 'PGR0VU2' }]);
  });

  test('one that moved to the next page meanwhile is listed once', async () => {
    const incidents = [{ id: incident.key, status: 'triggered', created_at: '2026-03-01T09:58:00Z' }];
    api.answer(200, {}, JSON.stringify({ incidents, more: true }));
    expect(await pagerduty().listOpen(signal)).toHaveLength(1);
    expect(api.asked()).toBe(5);
  });

  test.each([
    ['a proxy’s page', '<html>Not Found</html>'],
    ['another service’s words', '{"error":"not found"}'],
    ['nothing', ''],
  ])('a 404 with %s does not deny the incident', async (_, body) => {
    api.answer(404, {}, body);
    await failure(pagerduty().find(incident.key, signal)).toMatchObject({ kind: 'retry' });
    api.answer(404, {}, NOT_FOUND);
    expect(await pagerduty().find(incident.key, signal)).toBeNull();
  });

  test('an empty list at the wrong address is not believed', async () => {
    api.answer(404, {}, NOT_FOUND);
    await failure(pagerduty().listOpen(signal)).toMatchObject({ kind: 'refused' });
  });

  test('an answer about another incident is not believed', async () => {
    const other = { id: 'PGR0VU2', incident_number: 7, status: 'resolved' };
    api.answer(200, {}, JSON.stringify({ incident: other }));
    for (const name of [incident.key, '#1042']) {
      await failure(pagerduty().find(name, signal)).toMatchObject({ kind: 'retry' });
    }
    expect(await pagerduty().find('#7', signal)).toMatchObject({ state: 'closed' });
  });

  test('a status that nobody knows is neither open nor closed', async () => {
    api.putRaw(incident, { status: 'snoozed' });
    await failure(pagerduty().find(incident.key, signal)).toMatchObject({ kind: 'retry' });
  });

  test.each([
    [{ 'retry-after': '30', 'ratelimit-reset': '5' }, 30],
    [{ 'ratelimit-reset': '5' }, 5],
    [{ 'retry-after': '99999999' }, 900],
    [{ 'retry-after': 'soon' }, 0],
    [{}, 0],
  ])('it waits as long as %j asks, within reason', async (headers, retryAfterS) => {
    api.answer(429, headers as Record<string, string>, '');
    await failure(pagerduty().find(incident.key, signal)).toMatchObject({ kind: 'retry', retryAfterS });
  });

  test('a redirect is not followed, so that the token goes to nobody else', async () => {
    const elsewhere = await startFakePagerDuty();
    api.answer(302, { location: `${elsewhere.url}/incidents/${incident.key}` }, '');
    await failure(pagerduty().find(incident.key, signal)).toMatchObject({ kind: 'refused' });
    expect(elsewhere.asked()).toBe(0);
    await elsewhere.close();
  });

  test('a note without its sender, or for an incident that is gone, is for an operator', async () => {
    api.put(incident, 'closed');
    await failure(pagerduty({ from: undefined }).note(incident.key, 'text', signal)).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('400'),
    });
    await failure(pagerduty().note('PGR0VU2', 'text', signal)).toMatchObject({ kind: 'refused' });
    expect(api.notes()).toEqual([]);
  });

  test('a note is known again by its first line', async () => {
    api.put(incident, 'closed');
    const source = pagerduty();
    const isNoted = (text: string) => source.isNoted?.(incident.key, text, signal);
    expect(await isNoted('Closed at 10:00.')).toBe(false);
    await source.note(incident.key, 'Closed at 9:00.\nThe last one.', signal);
    await source.note(incident.key, 'Closed at 10:00.\nStill ending.', signal);
    expect(await isNoted('Closed at 10:00.\nEnded.')).toBe(true);
    expect(await isNoted('Closed at 11:00.\nEnded.')).toBe(false);
  });

  test('notes that cannot be read are not taken for none', async () => {
    api.put(incident, 'closed');
    api.answer(200, {}, '{"notes": 7}');
    await failure(pagerduty().isNoted?.(incident.key, 'text', signal)).toMatchObject({ kind: 'retry' });
    api.answer(404, {}, NOT_FOUND);
    await failure(pagerduty().isNoted?.(incident.key, 'text', signal)).toMatchObject({ kind: 'refused' });
  });

  test.each([
    [500, false],
    [502, false],
    [408, false],
    [429, true],
    [403, true],
    [400, true],
  ])('after a %i it is known whether the note got there: %s', async (status, outcomeKnown) => {
    api.answer(status, {}, '');
    await failure(pagerduty().note(incident.key, 'text', signal)).toMatchObject({ outcomeKnown });
  });

  test('a note that was sent and not answered may have got there; one without a connection did not', async () => {
    const patience = new AbortController();
    api.be('slow');
    const sent = pagerduty().note(incident.key, 'text', patience.signal);
    void api.untilAsked(1).then(() => patience.abort());
    await failure(sent).toMatchObject({ outcomeKnown: false });
    await api.close();
    await failure(pagerduty().note(incident.key, 'text', signal)).toMatchObject({ outcomeKnown: true });
  });

  test('a name that is none asks nobody, whatever it would make of the address', async () => {
    for (const name of ['../users', '', 'a/b', 'a?b', '#', '%2e%2e', 'x'.repeat(201)]) {
      await failure(pagerduty().find(name, signal)).toMatchObject({ kind: 'refused' });
      await failure(pagerduty().note(name, 'text', signal)).toMatchObject({ kind: 'refused' });
    }
    expect(api.asked()).toBe(0);
  });

  test('an error says whose fault it is', async () => {
    api.be('forbidden');
    await failure(pagerduty().find(incident.key, signal)).toMatchObject({
      message: 'pagerduty: the API token may not do this (403)',
    });
    await failure(pagerduty().find(incident.key, AbortSignal.abort())).toMatchObject({
      message: 'pagerduty: no answer in time',
    });
    await failure(pagerduty({ api_token: undefined }).listOpen(signal)).toMatchObject({
      message: 'pagerduty has no api_token, so it cannot be asked.',
    });
  });

  test('a wrong token is refused, and not repeated', async () => {
    const error: unknown = await pagerduty({ api_token: 'not-the-token' })
      .find(incident.key, signal)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringMatching(/^pagerduty: .*401/) });
    expect(inspect(error, { depth: 20 })).not.toContain('not-the-token');
  });
});
