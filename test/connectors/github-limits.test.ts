/** How long GitHub wants to be left alone, and how the connector is told (docs.github.com, "Rate limits for the REST API"). */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EdgeRef } from '../../src/connectors/connector.ts';
import { githubConnector } from '../../src/connectors/github/github-connector.ts';
import { callContext } from '../support/connector-fixture.ts';
import { type GithubWorld, ORG, startGithub, TOKEN } from '../support/github-emulator.ts';

const permission = { team: 'prod-admins', role: 'member' as const };
const call = () => callContext(null);
const SECONDARY = 'You have exceeded a secondary rate limit';

let world: GithubWorld;
let connector: ReturnType<typeof githubConnector.create>;
let edge: EdgeRef<typeof permission>;

beforeEach(async () => {
  world = await startGithub();
  await world.createTeam('prod-admins');
  const api_url = `http://127.0.0.1:${world.port}`;
  const settings = { kind: 'github', org: ORG, token: TOKEN, api_url };
  connector = githubConnector.create('prod-gh', githubConnector.config.parse(settings), ['acme.test']);
  edge = { permission, permissionId: await world.teamId('prod-admins'), ...(await world.account('ana')) };
  // Waits are counted from now: it stands still.
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await connector.close();
  await world.close();
});

const spentFor = (seconds: number) => ({
  'x-ratelimit-remaining': '0',
  'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + seconds),
});
const failure = (promise: Promise<unknown>) => promise.catch((reason: unknown) => reason);

test.each([
  ['seconds', 429, () => ({ 'retry-after': '120' }), 'Wait', 120],
  ['seconds, of a secondary limit', 403, () => ({ 'retry-after': '90' }), SECONDARY, 90],
  ['seconds, of an outage', 503, () => ({ 'retry-after': '30' }), 'Unavailable', 30],
  ['the moment when a new hour begins', 403, () => spentFor(600), 'API rate limit exceeded', 600],
  ['nothing: then a minute', 403, () => ({}), SECONDARY, 60],
  ['nothing, of an outage', 502, () => ({}), 'Bad Gateway', 0],
] as const)('GitHub names %s to wait, and the error says so', async (_, status, headers, message, waitS) => {
  world.intercept(({ method }) =>
    method === 'PUT' ? { status, headers: headers(), body: { message } } : undefined,
  );
  const error = await failure(connector.grant(edge, call()));
  expect(error).toMatchObject({ kind: 'retryable' });
  // GitHub's moment is in whole seconds.
  expect([waitS, waitS === 600 ? 601 : waitS]).toContain((error as { retryAfterS: number }).retryAfterS);
});

test('limits in a row that name no wait make the pauses longer, and an answer ends that', async () => {
  const limit = { status: 403, body: { message: SECONDARY } };
  const waits: unknown[] = [];
  const read = () => connector.targetId(call()).catch((error) => waits.push(error.retryAfterS));
  world.intercept(() => limit);
  for (let n = 0; n < 6; n += 1) await read();
  expect(waits).toEqual([60, 120, 240, 480, 960, 960]);
  world.intercept(() => undefined);
  await read();
  world.intercept(() => limit);
  await read();
  expect(waits.at(-1)).toBe(60);
});

test('a query that is over the limit waits as well', async () => {
  await world.createTeam('oncall');
  world.gaps.children.set('prod-admins', ['oncall']);
  await world.join('prod-admins', 'ana');
  const body = { errors: [{ type: 'RATE_LIMITED', message: 'no' }] };
  world.intercept(({ path }) =>
    path === '/graphql' ? { status: 200, headers: { 'retry-after': '240' }, body } : undefined,
  );
  const error = await failure(connector.inspect(edge, call()));
  expect(error).toMatchObject({ code: 'rate_limited', retryAfterS: 240 });
});
