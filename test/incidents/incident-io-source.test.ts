import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { incidentIoSource } from '../../src/incidents/incident-io/incident-io-source.ts';
import type { Delivery, IncidentSource } from '../../src/incidents/source.ts';
import {
  type FakeIncidentIo,
  incidentIoEvent,
  incidentOf,
  startFakeIncidentIo,
  svixHeaders,
} from '../support/fake-incident-io.ts';
import { delivery, type Told } from '../support/incident-vendor.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const openedAt = new Date('2026-03-01T09:58:00.000Z');
const at = new Date('2026-03-01T10:07:30.000Z');
const sad: Told = { key: '01FDAG4SAP5TYPT98WGR2N7W91', number: 123, title: 'Database is sad', openedAt };
const other: Told = { key: '01FDAG4SAP5TYPT98WGR2N7W92', number: 124, title: 'The same', openedAt };
const { signal } = new AbortController();

const make = (more: Readonly<Record<string, unknown>> = {}): IncidentSource =>
  incidentIoSource.create(
    'incidents',
    incidentIoSource.config.parse({ kind: 'incident-io', webhook_secret: SECRET, ...more }),
  );

function sent(body: unknown, eventId = 'msg_1'): Delivery {
  const rawBody = Buffer.from(JSON.stringify(body));
  return delivery(rawBody, svixHeaders(rawBody, { secrets: [SECRET], eventId, at: new Date() }));
}
const event = (type: string, payload: unknown) => sent({ event_type: type, [type]: payload });
const statusChange = (category: string) =>
  event('public_incident.incident_status_updated_v2', {
    incident: incidentOf(sad, 'live', { updated_at: at.toISOString() }),
    new_status: { name: 'Ours', category },
    previous_status: { name: 'Theirs', category: 'live' },
  });

describe('signatures', () => {
  // Both vectors are printed in docs.svix.com; the digests were computed anew with openssl.
  test.each([
    {
      secret: 'whsec_plJ3nmyCDGBKInavdOK15jsl',
      id: 'msg_loFOjxBNrRLzqYUf',
      timestamp: '1731705121',
      body: '{"event_type":"ping","data":{"success":true}}',
      signature: 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=',
    },
    {
      secret: SECRET,
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: '1614265330',
      body: '{"test": 2432232314}',
      signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
  ])('the documented $id is verified, by its standard names and by Svix’s, for five minutes', (vector) => {
    const source = make({ webhook_secret: vector.secret });
    for (const prefix of ['webhook', 'svix']) {
      const headers = {
        [`${prefix}-id`]: vector.id,
        [`${prefix}-timestamp`]: vector.timestamp,
        [`${prefix}-signature`]: vector.signature,
      };
      const after = (seconds: number) => new Date((Number(vector.timestamp) + seconds) * 1000);
      const received = (seconds: number) => delivery(Buffer.from(vector.body), headers, after(seconds));
      expect(source.verify(received(0))).toBe(true);
      expect(source.verify(received(299))).toBe(true);
      expect(source.verify(received(-299))).toBe(true);
      expect(source.verify(received(301))).toBe(false);
      expect(source.verify(received(-301))).toBe(false);
    }
  });

  test('an event is known by the id that was signed, whatever stands in the other spelling', () => {
    const good = sent(incidentIoEvent('opened', { at, incident: sad }), 'msg_signed');
    const both = { ...good, headers: { ...good.headers, 'svix-id': 'msg_forged', 'svix-signature': 'v1,x' } };
    expect(make().verify(both)).toBe(true);
    expect(make().read(both)).toMatchObject({ eventId: 'msg_signed' });
  });
});

describe('webhooks', () => {
  test('the card learns all that incident.io says', () => {
    const source = make({ severities: { Minor: 'sev3' } });
    expect(source.read(sent(incidentIoEvent('resolved', { at, incident: sad }), 'msg_7'))).toEqual({
      kind: 'sighting',
      eventId: 'msg_7',
      sighting: {
        key: sad.key,
        number: 'INC-123',
        url: 'https://app.incident.io/acme/incidents/123',
        title: 'Database is sad',
        state: 'closed',
        nature: 'real',
        severity: 'sev3',
        service: null,
        acknowledgedBy: 'lisa@example.com',
        channel: { platform: 'slack', id: 'C02AW36C1M5' },
        mergedInto: null,
        openedAt,
        at,
      },
    });
  });

  test.each([
    ['triage', 'open'],
    ['live', 'open'],
    ['paused', 'open'],
    ['learning', 'closed'],
    ['closed', 'closed'],
    ['declined', 'closed'],
    ['canceled', 'closed'],
  ])('an incident that became “%s” is %s', (category, state) => {
    expect(make().read(statusChange(category))).toMatchObject({ kind: 'sighting', sighting: { state } });
  });

  test.each([
    ['standard', 'real'],
    ['test', 'test'],
    ['tutorial', 'test'],
    ['retrospective', 'retrospective'],
    ['rehearsal', 'other'],
    [undefined, null],
  ])('an incident of mode %s is shown as what it is', (mode, nature) => {
    const incident = incidentOf(sad, 'live', { updated_at: at.toISOString(), mode });
    expect(make().read(event('public_incident.incident_updated_v2', incident))).toMatchObject({
      sighting: { state: 'open', nature },
    });
  });

  test('of a status that nobody knows, and of a private incident, Curfew asks', () => {
    const nudge = { kind: 'nudge', eventId: 'msg_1', key: sad.key };
    expect(make().read(statusChange('archived'))).toEqual(nudge);
    const { key: id } = sad;
    expect(make().read(event('private_incident.incident_updated_v2', { id }))).toEqual(nudge);
  });

  test('an event that does not say when is no state: sent again, it would count as the newest', () => {
    const undated = incidentOf(sad, 'live', { updated_at: null });
    const reading = make().read(event('public_incident.incident_updated_v2', undated));
    expect(reading).toMatchObject({ kind: 'nudge', key: sad.key });
  });

  test('a merged one is asked about, or, where nobody can be asked, closed', () => {
    expect(make({ api_token: 'key' }).read(statusChange('merged'))).toMatchObject({ kind: 'nudge' });
    expect(make().read(statusChange('merged'))).toMatchObject({
      kind: 'sighting',
      sighting: { state: 'closed', mergedInto: null },
    });
  });

  test('a crooked severity, link or channel does not lose an ending', () => {
    const crooked = { severity: 7, permalink: 'javascript:alert(1)', slack_channel_id: [], reference: {} };
    const incident = incidentOf(sad, 'closed', { updated_at: at.toISOString(), ...crooked });
    expect(make().read(event('public_incident.incident_updated_v2', incident))).toMatchObject({
      kind: 'sighting',
      sighting: { state: 'closed', severity: null, url: null, channel: null, number: null },
    });
  });

  test('a clock that runs far ahead does not have the last word for ever', () => {
    const incident = incidentOf(sad, 'live', { updated_at: '2099-01-01T00:00:00Z' });
    const ahead = event('public_incident.incident_updated_v2', incident);
    expect(make().read(ahead)).toMatchObject({
      sighting: { at: ahead.receivedAt },
    });
  });
});

describe('questions', () => {
  let api: FakeIncidentIo;
  let source: IncidentSource;
  beforeEach(async () => {
    api = await startFakeIncidentIo();
    source = make({ api_token: api.token, api_url: `${api.url}/` });
  });
  afterEach(async () => {
    await source.close();
    await api.close();
  });

  test('an incident is found by its reference, its id and the name in its link', async () => {
    api.put(sad, 'open');
    for (const word of ['INC-123', sad.key, 'https://app.incident.io/acme/incidents/123']) {
      expect(await source.find(source.recognises(word) ?? '', signal)).toMatchObject({ key: sad.key });
    }
    expect(await source.find(other.key, signal)).toBeNull();
  });

  test('a merged incident says into which, by the latest update that does, however many there are', async () => {
    api.merge(sad, { ...other, key: '01FDAG4SAP5TYPT98WGR2N7W90' }, new Date('2026-03-01T10:00:00Z'));
    for (let i = 0; i < 70; i++) api.merge(sad, sad, openedAt);
    api.merge(sad, other, new Date('2026-03-01T11:00:00Z'));
    expect(await source.find('INC-123', signal)).toMatchObject({ state: 'closed', mergedInto: other.key });
  });

  test('a merged incident whose updates do not say into which is closed', async () => {
    api.putRaw(incidentOf(sad, 'merged'));
    expect(await source.find('INC-123', signal)).toMatchObject({ state: 'closed', mergedInto: null });
  });

  test('a merged incident whose updates cannot be read is unknown, not closed', async () => {
    api.putRaw(incidentOf(sad, 'merged'));
    api.be('slow');
    const found = source.find('INC-123', signal).catch((error: unknown) => error);
    await api.untilAsked(1);
    api.be('well');
    api.be('failing');
    expect(await found).toMatchObject({ name: 'SourceError', kind: 'retry' });
    expect(api.asked()).toBe(2);
  });

  test('a status that nobody knows is unknown, and nothing in the list', async () => {
    api.putRaw(incidentOf(sad, 'archived'));
    await expect(source.find('INC-123', signal)).rejects.toMatchObject({ kind: 'retry' });
    expect(await source.listOpen(signal)).toEqual([]);
  });

  test('the answer about another incident is no answer', async () => {
    api.answer(200, {}, JSON.stringify({ incident: incidentOf(other, 'closed') }));
    await expect(source.find('INC-123', signal)).rejects.toMatchObject({ kind: 'retry' });
  });

  test('a 404 that is not incident.io’s own denies nothing', async () => {
    api.answer(404, {}, '<html>nginx</html>');
    await expect(source.find('INC-123', signal)).rejects.toMatchObject({ kind: 'refused' });
  });

  test('a wait that is told as a moment is kept, but never for more than an hour', async () => {
    api.answer(429, { 'retry-after': new Date(Date.now() + 86_400_000).toUTCString() }, '{}');
    await expect(source.find('INC-123', signal)).rejects.toMatchObject({ kind: 'retry', retryAfterS: 3_600 });
  });

  test('the open ones come over several pages', async () => {
    const all = Array.from({ length: 60 }, (_, index) => ({
      ...sad,
      key: `01FDAG4SAP5TYPT98WGR2N00${10 + index}`,
      number: index + 1,
    }));
    for (const one of all) api.put(one, 'open');
    expect(await source.listOpen(signal)).toHaveLength(60);
    expect(api.asked()).toBe(2);
  });

  test('the same note twice stands on the timeline once, also when it has more to say by then', async () => {
    api.put(sad, 'closed');
    const text = '1. Ana held dba\n- from 10:00\n\n# *until* 11:00 =';
    await source.note(sad.key, text, signal);
    await source.note(sad.key, `${text}\nAll of it ended.`, signal);
    expect(api.notes()).toEqual([{ key: sad.key, text }]);
    expect(await source.isNoted?.(sad.key, text, signal)).toBe(false);
    await source.note(sad.key, '2. Ana held dba again', signal);
    expect(api.notes()).toHaveLength(2);
  });

  test('a note for an incident that is not there is not tried for ever', async () => {
    await expect(source.note(sad.key, 'text', signal)).rejects.toMatchObject({ kind: 'refused' });
  });
});

describe('configuration', () => {
  test.each([
    { webhook_secret: 'plJ3nmyCDGBKInavdOK15jslplJ3nmyCDGBKInavdOK15jsl' },
    { webhook_secret: 'whsec_c2hvcnQ=' },
    { webhook_secret: [] },
    { webhook_secret: SECRET, api_token: 'two words' },
    { webhook_secret: SECRET, api_url: 'http://api.example.com' },
    { webhook_secret: SECRET, unheard_of: true },
  ])('%j is refused', (entry) => {
    expect(incidentIoSource.config.safeParse({ kind: 'incident-io', ...entry }).success).toBe(false);
  });
});
