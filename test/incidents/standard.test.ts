import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { SourceError } from '../../src/incidents/source.ts';
import { standardSource } from '../../src/incidents/standard/standard-source.ts';
import { incidentSourceContract } from '../support/incident-source-contract.ts';
import { delivery, type SourceFixture, type Told } from '../support/incident-vendor.ts';
import { standardData, startStandardDouble } from './standard-double.ts';

const SECRETS = [1, 2].map((byte) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`) as [
  string,
  string,
];
const TYPES = {
  opened: 'incident.opened',
  acknowledged: 'incident.acknowledged',
  resolved: 'incident.closed',
  reopened: 'incident.reopened',
  merged: 'incident.merged',
};
const CLOSED = ['resolved', 'merged'];

function tell(number: number): Told {
  const openedAt = new Date(Date.UTC(2026, 1, 27, 9, number % 977));
  return { key: `01HZ-${number}`, number, title: `Incident ${number}`, openedAt };
}

const base = { kind: 'standard', webhook_secret: SECRETS[0], numbers: 'INC-' };

function make(more: Record<string, unknown> = {}) {
  return standardSource.create('ours', standardSource.config.parse({ ...base, ...more }));
}

const fixture: SourceFixture = {
  make: ({ secrets, api }) =>
    make({
      webhook_secret: secrets.length === 1 ? secrets[0] : secrets,
      links: ['https://status.acme.test/i/', 'https://old.acme.test'],
      ...(api && { api_url: api.url, api_token: api.token }),
    }),
  // Over bytes, which the package would read as text first.
  sign: (rawBody, { secrets, eventId, at }) => {
    const timestamp = String(Math.floor(at.getTime() / 1000));
    const by = (secret: string) =>
      createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
        .update(`${eventId}.${timestamp}.`)
        .update(rawBody)
        .digest('base64');
    return {
      'Webhook-Id': eventId,
      'Webhook-Timestamp': timestamp,
      'Webhook-Signature': secrets.map((secret) => `v1,${by(secret)}`).join(' '),
    };
  },
  vendor: {
    secrets: SECRETS,
    timestamped: true,
    event: (what, { at, incident, into }) => ({
      type: TYPES[what],
      timestamp: at.toISOString(),
      data: {
        ...standardData(incident, CLOSED.includes(what) ? 'closed' : 'open', at),
        merged_into: into?.key ?? null,
      },
    }),
    unknownEvent: () => ({ type: 'incident.sung_about', timestamp: new Date().toISOString(), data: {} }),
    own: [
      { word: 'INC-1042', name: 'INC-1042' },
      { word: 'inc-1043', name: 'INC-1043' },
      { word: 'https://status.acme.test/i/INC-1042?tab=1#top', name: 'INC-1042' },
      { word: 'https://status.acme.test/i/01HZ-1043/notes', name: 'https://status.acme.test/i/01HZ-1043' },
      { word: 'https://old.acme.test/01HZ-1042', name: 'https://old.acme.test/01HZ-1042' },
    ],
    foreign: [
      'INC-',
      'INC',
      'XINC-1',
      'https://status.acme.test/j/INC-1',
      'https://status.acme.test/i/',
      'https://status.acme.test/ix/INC-1',
      'https://old.acme.test.evil.test/77',
      'https://old.acme.test@evil.test/77',
      'http://old.acme.test/77',
    ],
    nameOf: ({ number }) => `INC-${number}`,
    told: [tell(1042), tell(1043)],
    unheard: tell(404),
    many: tell,
    startApi: startStandardDouble,
  },
};

incidentSourceContract('standard', fixture);

const NOW = new Date('2026-11-20T12:31:08.000Z');
const CLOSING = {
  ...standardData(tell(12), 'closed', new Date('2026-11-20T12:31:05.000Z')),
  url: 'https://status.acme.test/i/INC-12',
  severity: 'P1',
  service: 'checkout',
  acknowledged_by: 'ana@acme.test',
  channel: { platform: 'slack', id: 'C0123' },
};

describe('a tool that signs by Standard Webhooks', () => {
  const source = make({ severities: { P1: 'sev1' } });
  const body = (data: object, type = 'incident.closed') =>
    Buffer.from(JSON.stringify({ type, timestamp: NOW.toISOString(), data }));
  const read = (data: object, type?: string) =>
    source.read(delivery(body(data, type), { 'webhook-id': 'evt_1' }, NOW));

  it('may sign with the package that most use', () => {
    const raw = body(CLOSING);
    const signature = new Webhook(SECRETS[0]).sign('evt_1', NOW, raw);
    const timestamp = String(NOW.getTime() / 1000);
    const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': timestamp, 'webhook-signature': signature };
    expect(source.verify(delivery(raw, headers, NOW))).toBe(true);
    const soon = new Date(NOW.getTime() + 299_000);
    expect(source.verify(delivery(raw, headers, soon))).toBe(true);
    for (const off of [-301_000, 301_000]) {
      expect(source.verify(delivery(raw, headers, new Date(NOW.getTime() + off)))).toBe(false);
    }
  });

  it('signs as the specification shows', () => {
    // github.com/standard-webhooks/standard-webhooks, spec and libraries' tests.
    const vector = make({ webhook_secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' });
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const raw = Buffer.from('{"test": 2432232314}');
    expect(vector.verify(delivery(raw, headers, new Date(1_614_265_330_000)))).toBe(true);
  });

  it('says all that can be said of an incident, severities in the words of the configuration', () => {
    expect(read(CLOSING)).toEqual({
      kind: 'sighting',
      eventId: 'evt_1',
      sighting: {
        key: '01HZ-12',
        number: 'INC-12',
        url: 'https://status.acme.test/i/INC-12',
        title: 'Incident 12',
        state: 'closed',
        nature: 'real',
        severity: 'sev1',
        service: 'checkout',
        acknowledgedBy: 'ana@acme.test',
        channel: { platform: 'slack', id: 'C0123' },
        mergedInto: null,
        openedAt: tell(12).openedAt,
        at: new Date('2026-11-20T12:31:05.000Z'),
      },
    });
    expect(read({ ...CLOSING, severity: 'constructor' })).toMatchObject({
      sighting: { severity: 'constructor' },
    });
  });

  it.each([
    ['a link that is none', { url: 'javascript:alert(1)' }, { url: null }],
    ['a channel of nowhere', { channel: { platform: 'irc', id: 'x' } }, { channel: null }],
    ['a severity that is a number', { severity: 1 }, { severity: null }],
    ['an unknown field', { mood: 'grim' }, {}],
    ['no title', { title: ' ' }, { title: 'INC-12' }],
    ['a test', { nature: 'test' }, { nature: 'test' }],
    ['a nature of its own', { nature: 'grim' }, { nature: 'other' }],
  ])('does not lose an ending over %s', (_name, wrong, expected) => {
    expect(read({ ...CLOSING, ...wrong })).toMatchObject({
      kind: 'sighting',
      sighting: { state: 'closed', ...expected },
    });
  });

  it('cuts a long title between characters', () => {
    const reading = read({ ...CLOSING, title: `x${'🌙'.repeat(600)}` });
    if (reading.kind !== 'sighting') throw new Error('no sighting');
    expect(reading.sighting.title).toBe(`x${'🌙'.repeat(499)}`);
  });

  it.each([
    ['a closing that says open', { ...CLOSING, state: 'open' }, 'incident.closed'],
    ['an opening that says closed', CLOSING, 'incident.opened'],
    ['a merge without the one that goes on', CLOSING, 'incident.merged'],
    ['a merge into itself', { ...CLOSING, merged_into: '01HZ-12' }, 'incident.merged'],
    ['a merge that stays open', { ...CLOSING, state: 'open', merged_into: 'x' }, 'incident.updated'],
    ['no moment', { ...CLOSING, occurred_at: 'yesterday' }, 'incident.closed'],
    ['a key that is two words', { ...CLOSING, key: 'a b' }, 'incident.closed'],
    ['a key that would lead elsewhere', { ...CLOSING, key: '..' }, 'incident.closed'],
    ['no state', { ...CLOSING, state: 'resolved' }, 'incident.closed'],
  ])('is not believed where it contradicts itself: %s', (_name, data, type) => {
    expect(read(data, type)).toEqual({ kind: 'malformed' });
  });

  it('has the last word until it is heard again, however fast its clock', () => {
    const reading = read({ ...CLOSING, occurred_at: '2027-11-20T12:31:05Z' });
    expect(reading).toMatchObject({ sighting: { state: 'closed', at: NOW } });
  });

  it('is not read without the id by which repetitions are known', () => {
    expect(source.read(delivery(body(CLOSING), {}, NOW))).toEqual({ kind: 'malformed' });
  });
});

describe('a tool that cannot sign', () => {
  const secret = 'a-long-enough-secret';
  const source = make({
    signed: false,
    header: 'X-Curfew-Secret',
    webhook_secret: secret,
    api_url: 'https://status.acme.test/api',
    api_token: 'tok',
  });
  const raw = Buffer.from(JSON.stringify({ type: 'incident.closed', data: CLOSING }));
  const sent = delivery(raw, { 'X-Curfew-Secret': secret }, NOW);

  it('is let in by the secret in its header, and by nothing like it', () => {
    expect(source.verify(sent)).toBe(true);
    for (const wrong of ['', secret.slice(1), `${secret}x`, secret.toUpperCase(), `${secret}, ${secret}`]) {
      expect(source.verify(delivery(raw, { 'X-Curfew-Secret': wrong }, NOW)), wrong).toBe(false);
    }
    expect(source.verify(delivery(raw, {}, NOW))).toBe(false);
  });

  it('is never believed: whatever it says, Curfew asks', () => {
    expect(source.read(sent)).toEqual({ kind: 'nudge', eventId: expect.any(String), key: null });
    expect(source.read({ ...sent, rawBody: Buffer.from('no json') })).toMatchObject({ kind: 'nudge' });
  });

  it('makes Curfew ask again for a later event that reads the same', () => {
    const later = source.read({ ...sent, receivedAt: new Date(NOW.getTime() + 1) });
    expect(later).not.toEqual(source.read(sent));
  });
});

describe('asking', () => {
  const { signal } = new AbortController();

  it('takes only an answer about the incident that was asked for', async () => {
    const server = createServer((_, response) => response.end(JSON.stringify(CLOSING)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const api_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const source = make({ api_url, api_token: 'tok', links: 'https://status.acme.test/i' });
    for (const name of ['INC-12', '01HZ-12', 'https://status.acme.test/i/01HZ-12']) {
      expect(await source.find(name, signal)).toMatchObject({ key: '01HZ-12', state: 'closed' });
    }
    await expect(source.find('INC-13', signal)).rejects.toThrow(
      'ours answered in a form that Curfew does not know.',
    );
    await source.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('leaves a note with a key by which the tool knows the same one again', async () => {
    const api = await startStandardDouble();
    const told = tell(12);
    for (const one of [told, tell(13)]) api.put(one, 'closed');
    const source = make({ api_url: api.url, api_token: api.token });
    await source.note(told.key, 'Closed at 10:00.\nStill ending.', signal);
    await source.note(told.key, 'Closed at 10:00.\nEnded.', signal);
    expect(api.notes()).toHaveLength(1);
    await source.note(told.key, 'Closed at 11:00.\nEnded.', signal);
    await source.note(tell(13).key, 'Closed at 10:00.\nEnded.', signal);
    expect(api.notes()).toHaveLength(3);
    // Whether the tool minds the key is not known.
    expect(source.isNoted).toBeUndefined();
    await source.close();
    await api.close();
  });

  it('does not take a wrong address for "no such incident"', async () => {
    const api = await startStandardDouble();
    const source = make({ api_url: `${api.url}/v2`, api_token: api.token });
    await expect(source.find('INC-1', signal)).rejects.toThrow(
      new SourceError('refused', 'ours answered 404.'),
    );
    await source.close();
    await api.close();
  });
});
