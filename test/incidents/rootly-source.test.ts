import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rootlySource } from '../../src/incidents/rootly/rootly-source.ts';
import type { Delivery, IncidentSource } from '../../src/incidents/source.ts';
import {
  type FakeRootly,
  rootlyEnvelope,
  rootlyEvent,
  rootlyHeaders,
  rootlyIncident,
  startFakeRootly,
} from '../support/fake-rootly.ts';
import { delivery, type Told } from '../support/incident-vendor.ts';

const SECRET = '6a1f0c2b9d8e7f605142';
const openedAt = new Date('2026-03-01T09:58:00.000Z');
const at = new Date('2026-03-01T10:07:30.000Z');
const frost: Told = {
  key: 'b7eed587-50e6-44fe-b010-7a2bb05d737a',
  number: 19,
  title: 'Sparkling Frost',
  openedAt,
};
const primary: Told = { ...frost, key: '13b9a33c-c8aa-4f48-85fe-cbda49554d25', number: 18 };
const { signal } = new AbortController();

const make = (more: Readonly<Record<string, unknown>> = {}): IncidentSource =>
  rootlySource.create(
    'rootly',
    rootlySource.config.parse({ kind: 'rootly', webhook_secret: SECRET, ...more }),
  );

function sent(body: unknown): Delivery {
  const rawBody = Buffer.from(JSON.stringify(body));
  return delivery(rawBody, rootlyHeaders(rawBody, { secrets: [SECRET], at: new Date() }));
}
const told = (status: string, type = 'incident.updated', more = {}) =>
  sent(rootlyEnvelope('ev-1', type, at, rootlyIncident(frost, status, more)));

describe('signatures', () => {
  // The timestamp of the documentation's example, whose body it does not print; the digest is by openssl.
  const body =
    '{"event":{"id":"9839c4ca-5e7b-416d-ad95-d09ae0c8eead","type":"incident.created","issued_at":"2022-11-27T19:44:33.633-08:00"},"data":{}}';
  const digest = '4abaa6685fc083aeb36a698db696888367036c70635e1bb0f5191b8e94f01103';
  const verify = (header: string, { raw = body, seconds = 0 } = {}) => {
    const receivedAt = new Date((1_492_774_588 + seconds) * 1000);
    return make().verify(delivery(Buffer.from(raw), { 'X-Rootly-Signature': header }, receivedAt));
  };

  test('a signature that openssl made is verified, for five minutes', () => {
    expect(verify(`t=1492774588,v1=${digest}`)).toBe(true);
    expect(verify(`t=1492774588, v1=${digest}`)).toBe(true);
    for (const seconds of [299, -299]) expect(verify(`t=1492774588,v1=${digest}`, { seconds })).toBe(true);
    for (const seconds of [301, -301]) expect(verify(`t=1492774588,v1=${digest}`, { seconds })).toBe(false);
  });

  test('no digit can be moved between the timestamp and the body', () => {
    expect(verify(`t=149277458,v1=${digest}`, { raw: `8${body}` })).toBe(false);
    expect(verify(`t=1492774588{,v1=${digest}`, { raw: body.slice(1) })).toBe(false);
  });

  test('a second timestamp is refused', () => {
    expect(verify(`t=1492774588,t=1492774589,v1=${digest}`)).toBe(false);
  });
});

describe('webhooks', () => {
  test('the card learns all that Rootly says', () => {
    const source = make({ severities: { SEV1: 'sev1' } });
    expect(
      source.read(sent(rootlyEvent('resolved', { eventId: 'ev-7', at, incident: frost, into: null }))),
    ).toEqual({
      kind: 'sighting',
      eventId: 'ev-7',
      sighting: {
        key: frost.key,
        number: 'INC-19',
        url: 'https://rootly.com/account/incidents/19-sparkling-frost',
        title: 'Sparkling Frost',
        state: 'closed',
        nature: 'real',
        severity: 'sev1',
        service: 'checkout',
        acknowledgedBy: null,
        channel: { platform: 'slack', id: 'C02AW36C1M5' },
        mergedInto: null,
        openedAt,
        at,
      },
    });
  });

  test.each([
    ['normal', 'real'],
    ['normal_sub', 'real'],
    ['test', 'test'],
    ['test_sub', 'test'],
    ['example', 'test'],
    ['backfilled', 'retrospective'],
    ['scheduled', 'maintenance'],
    ['rehearsal', 'other'],
    [undefined, null],
  ])('an incident of kind %s is shown as what it is', (kind, nature) => {
    const incident = rootlyIncident(frost, 'started', { kind });
    expect(make().read(sent(rootlyEnvelope('ev-8', 'incident.updated', at, incident)))).toMatchObject({
      sighting: { state: 'open', nature },
    });
  });

  test.each([
    ['in_triage', 'open'],
    ['started', 'open'],
    ['detected', 'open'],
    ['acknowledged', 'open'],
    ['mitigated', 'open'],
    ['resolved', 'closed'],
    ['closed', 'closed'],
    ['cancelled', 'closed'],
    ['scheduled', 'closed'],
    ['in_progress', 'open'],
    ['completed', 'closed'],
  ])('an incident that is “%s” is %s', (status, state) => {
    expect(make().read(told(status))).toMatchObject({ kind: 'sighting', sighting: { state } });
  });

  test('a mitigated incident is over where the configuration says so', () => {
    const reading = make({ mitigated: 'closed' }).read(told('mitigated', 'incident.mitigated'));
    expect(reading).toMatchObject({ sighting: { state: 'closed' } });
  });

  test('a deleted incident is closed, whatever its status was', () => {
    const reading = make().read(told('started', 'incident.deleted'));
    expect(reading).toMatchObject({ sighting: { state: 'closed' } });
  });

  test('a duplicate goes on as the incident that it is one of, cancelled or not', () => {
    const duplicate = { duplicate_incident_id: primary.key };
    expect(make().read(told('started', 'incident.updated', duplicate))).toMatchObject({
      sighting: { state: 'closed', mergedInto: primary.key },
    });
  });

  test('of a status that nobody knows, of an event without its moment, and of a strange duplicate, Curfew asks', () => {
    const nudge = { kind: 'nudge', eventId: 'ev-1', key: frost.key };
    expect(make().read(told('archived'))).toEqual(nudge);
    expect(make().read(told('started', 'incident.updated', { duplicate_incident_id: {} }))).toEqual(nudge);
    const undated = {
      event: { id: 'ev-1', type: 'incident.updated' },
      data: rootlyIncident(frost, 'started'),
    };
    expect(make().read(sent(undated))).toEqual(nudge);
  });

  test('a crooked severity, link, channel or number does not lose an ending', () => {
    const crooked = {
      severity: 7,
      url: 'javascript:alert(1)',
      slack_channel_id: [],
      sequential_id: 'x',
      services: {},
    };
    expect(make().read(told('resolved', 'incident.resolved', crooked))).toMatchObject({
      kind: 'sighting',
      sighting: { state: 'closed', severity: null, url: null, channel: null, number: null, service: null },
    });
  });
});

describe('questions', () => {
  let api: FakeRootly;
  let source: IncidentSource;
  beforeEach(async () => {
    api = await startFakeRootly();
    source = make({ api_token: api.token, api_url: api.url });
  });
  afterEach(async () => {
    await source.close();
    await api.close();
  });

  test('an incident is found by its number, its id and the name in its link, as the webhook told of it', async () => {
    api.put(frost, 'open');
    const reading = source.read(told('started'));
    for (const word of [
      'INC-19',
      '#19',
      frost.key,
      'https://rootly.com/account/incidents/19-sparkling-frost',
    ]) {
      const found = await source.find(source.recognises(word) ?? '', signal);
      expect(reading).toMatchObject({ sighting: { ...found, at } });
    }
    expect(await source.find(primary.key, signal)).toBeNull();
  });

  test('a duplicate says of which', async () => {
    api.putRaw(rootlyIncident(frost, 'started', { duplicate_incident_id: primary.key }));
    expect(await source.find('INC-19', signal)).toMatchObject({ state: 'closed', mergedInto: primary.key });
  });

  test('mitigated ones are offered where they count as open', async () => {
    api.putRaw(rootlyIncident(frost, 'mitigated'));
    expect(await source.listOpen(signal)).toHaveLength(1);
    const strict = make({ api_token: api.token, api_url: api.url, mitigated: 'closed' });
    expect(await strict.listOpen(signal)).toEqual([]);
    expect(await strict.find('INC-19', signal)).toMatchObject({ state: 'closed' });
    await strict.close();
  });

  test('an answer about another incident, as of a filter that was not understood, is no answer', async () => {
    const { id, ...attributes } = rootlyIncident(primary, 'started');
    api.answer(200, {}, JSON.stringify({ data: [{ id, type: 'incidents', attributes }], meta: {} }));
    await expect(source.find('INC-19', signal)).rejects.toMatchObject({ kind: 'retry' });
  });

  test('a status that nobody knows is unknown', async () => {
    api.putRaw(rootlyIncident(frost, 'archived'));
    await expect(source.find('INC-19', signal)).rejects.toMatchObject({ kind: 'retry' });
  });

  test('a 404 that is not Rootly’s own denies nothing', async () => {
    api.answer(404, {}, '<html>nginx</html>');
    await expect(source.find(frost.key, signal)).rejects.toMatchObject({ kind: 'refused' });
  });

  test('the open ones come over several pages', async () => {
    for (let index = 10; index < 70; index++) {
      api.put({ ...frost, key: `${frost.key.slice(0, -2)}${index}`, number: index }, 'open');
    }
    expect(await source.listOpen(signal)).toHaveLength(60);
    expect(api.asked()).toBe(2);
  });

  test('a note for an incident that is not there is not tried for ever', async () => {
    await expect(source.note(frost.key, 'text', signal)).rejects.toMatchObject({ kind: 'refused' });
    await expect(source.isNoted?.(frost.key, 'text', signal)).rejects.toMatchObject({ kind: 'refused' });
  });

  test('a note is known again by its first line, however long the timeline', async () => {
    api.put(frost, 'closed');
    for (let minute = 0; minute < 60; minute++) await source.note(frost.key, `At 9:${minute}.`, signal);
    const isNoted = (text: string) => source.isNoted?.(frost.key, text, signal);
    expect(await isNoted('Closed at 10:00.')).toBe(false);
    await source.note(frost.key, 'Closed at 10:00.\nStill ending.', signal);
    expect(await isNoted('Closed at 10:00.\nEnded.')).toBe(true);
  });

  test('of a timeline without an end nobody says that the note is not there', async () => {
    api.answer(200, {}, '{"data": [], "meta": {"next_page": 2}}');
    await expect(source.isNoted?.(frost.key, 'text', signal)).rejects.toMatchObject({ kind: 'refused' });
    expect(api.asked()).toBe(20);
  });

  test.each([
    [500, false],
    [429, true],
    [403, true],
    [422, true],
  ])('after a %i it is known whether the note got there: %s', async (status, outcomeKnown) => {
    api.answer(status, {}, '');
    await expect(source.note(frost.key, 'text', signal)).rejects.toMatchObject({ outcomeKnown });
  });

  test('a note that was sent and not answered may have got there; one without a connection did not', async () => {
    const patience = new AbortController();
    api.be('slow');
    const sent = source.note(frost.key, 'text', patience.signal);
    void api.untilAsked(1).then(() => patience.abort());
    await expect(sent).rejects.toMatchObject({ outcomeKnown: false });
    await api.close();
    await expect(source.note(frost.key, 'text', signal)).rejects.toMatchObject({ outcomeKnown: true });
  });
});

describe('configuration', () => {
  test.each([
    { webhook_secret: 'short' },
    { webhook_secret: [] },
    { webhook_secret: SECRET, api_token: 'two words' },
    { webhook_secret: SECRET, api_url: 'http://api.example.com' },
    { webhook_secret: SECRET, mitigated: 'maybe' },
  ])('%j is refused', (entry) => {
    expect(rootlySource.config.safeParse({ kind: 'rootly', ...entry }).success).toBe(false);
  });
});
