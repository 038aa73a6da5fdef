/** The keys that Teams signs with are renewed in time, asked for sparingly, and never trusted for too long. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createVerify, type Verify } from '../../../src/chat/teams/verify.ts';
import { createRecordingLog } from '../../support/recording-log.ts';
import { SERVICE_URL } from '../../support/teams-activities.ts';
import { startTeamsIssuer, type TeamsIssuer, type TokenParts } from '../../support/teams-issuer.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;

let issuer: TeamsIssuer;
let verify: Verify;
let now: number;
let log: ReturnType<typeof createRecordingLog>;

beforeEach(async () => {
  issuer = await startTeamsIssuer();
  now = Date.now();
  log = createRecordingLog();
  verify = createVerify({ credentials: issuer.credentials, log, now: () => now });
});
afterEach(() => issuer.close());

/** A token that is fresh at the time that the clock shows. */
const ask = async (parts: TokenParts = {}) => {
  const nowS = Math.floor(now / 1000);
  const claims = { nbf: nowS - 60, exp: nowS + 3600, ...parts.claims };
  return (await verify(issuer.authorize(SERVICE_URL, { ...parts, claims }))).kind;
};
const fetches = () => issuer.requests.filter((path) => path === '/keys').length;

test('many requests at once ask for the keys once', async () => {
  const verdicts = await Promise.all(Array.from({ length: 20 }, () => ask()));
  expect(new Set(verdicts)).toEqual(new Set(['genuine']));
  expect(await ask()).toBe('genuine');
  expect(fetches()).toBe(1);
});

test('a new key is found, and the one it replaced is not taken any more', async () => {
  expect(await ask()).toBe('genuine');
  const old = issuer.authorize(SERVICE_URL);
  issuer.rotate();
  now += 10 * SECOND;
  expect(await ask()).toBe('genuine');
  expect((await verify(old)).kind).toBe('refused');
});

test('tokens that name keys of nobody cost one fetch in ten seconds at most', async () => {
  await ask();
  for (let i = 0; i < 50; i += 1) expect(await ask({ header: { kid: `made-up-${i}` } })).toBe('refused');
  expect(fetches()).toBe(1);
  now += 10 * SECOND;
  for (let i = 0; i < 50; i += 1) expect(await ask({ header: { kid: `made-up-${i}` } })).toBe('refused');
  expect(fetches()).toBe(2);
});

test('tokens that could never be taken cost no fetch at all', async () => {
  await ask({ claims: { aud: 'another' } });
  await ask({ claims: { iss: 'another' } });
  await ask({ claims: { exp: 1 } });
  await ask({ header: { alg: 'none' } });
  expect(issuer.requests).toEqual([]);
});

test('known keys serve for a day while their place is away, and no longer', async () => {
  expect(await ask()).toBe('genuine');
  issuer.behave('fails');
  now += 23 * HOUR;
  expect(await ask()).toBe('genuine');
  expect(await ask({ forged: true })).toBe('refused');
  now += 2 * HOUR;
  expect(await ask()).toBe('unavailable');
  issuer.behave('well');
  expect(await ask()).toBe('genuine');
});

test('an unknown key is neither taken nor refused while nobody can be asked about it', async () => {
  expect(await ask()).toBe('genuine');
  issuer.behave('fails');
  issuer.rotate();
  now += 10 * SECOND;
  expect(await ask()).toBe('unavailable');
  expect(log.text()).not.toContain('127.0.0.1');
});

test('clocks may differ by five minutes, and not by more', async () => {
  const at = (claims: object) => ask({ claims });
  const nowS = Math.floor(now / 1000);
  expect(await at({ exp: nowS - 290 })).toBe('genuine');
  expect(await at({ exp: nowS - 310 })).toBe('refused');
  expect(await at({ nbf: nowS + 290 })).toBe('genuine');
  expect(await at({ nbf: nowS + 310 })).toBe('refused');
});
