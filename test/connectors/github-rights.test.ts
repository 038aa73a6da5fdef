/** What GitHub would refuse at the grant is found when somebody asks. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { callContext } from '../support/connector-fixture.ts';
import { type GithubWorld, ORG, startGithub } from '../support/github-emulator.ts';
import { connectGithub } from '../support/github-fixture.ts';

let world: GithubWorld;
let connector: ReturnType<typeof connectGithub>;
const resolve = () => connector.resolvePermission({ team: 'prod-admins', role: 'member' }, callContext(null));

beforeEach(async () => {
  world = await startGithub();
  await world.createTeam('prod-admins');
  connector = connectGithub(world.port);
});
afterEach(async () => {
  await connector.close();
  await world.close();
});

test.each(['external-groups', 'team-sync/group-mappings'])(
  'a team whose members come from the identity provider (%s) cannot be asked for',
  async (part) => {
    world.intercept(({ path }) =>
      path === `/orgs/${ORG}/teams/prod-admins/${part}`
        ? { status: 200, body: { groups: [{ group_id: 7, group_name: 'dba' }] } }
        : undefined,
    );
    expect(await resolve()).toEqual({ ok: false, message: expect.stringContaining('identity provider') });
  },
);

test('a team that no group is connected to can be asked for', async () => {
  world.intercept(({ path }) =>
    /external-groups|group-mappings/.test(path) ? { status: 200, body: { groups: [] } } : undefined,
  );
  expect(await resolve()).toEqual({ ok: true, permissionId: await world.teamId('prod-admins') });
});

test.each([
  ['is in the team', { state: 'active', role: 'member' }, false],
  ['maintains the team', { state: 'active', role: 'maintainer' }, true],
])('a token of somebody who is no owner and %s', async (_, inTeam, ok) => {
  world.intercept(({ path }) => {
    if (path === `/user/memberships/orgs/${ORG}`)
      return { status: 200, body: { state: 'active', role: 'member', user: { login: 'curfew-bot' } } };
    return /\/memberships\/curfew-bot$/.test(path) ? { status: 200, body: inTeam } : undefined;
  });
  const found = await resolve();
  expect(found.ok).toBe(ok);
  if (!found.ok)
    expect(found.message).toMatch(/belongs to curfew-bot, who is neither an owner .* nor a maintainer/);
});

test('an outage is an error, not a right that is missing', async () => {
  world.intercept(({ path }) =>
    path.includes('external-groups') ? { status: 502, body: { message: 'Bad Gateway' } } : undefined,
  );
  await expect(resolve()).rejects.toMatchObject({ kind: 'retryable' });
});
