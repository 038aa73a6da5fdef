/** A GitHub with people and teams of its own for one test, behind a line that can fail. */
import { expect } from 'vitest';
import type { AccountRef } from '../../src/connectors/connector.ts';
import { githubConnector } from '../../src/connectors/github/github-connector.ts';
import { startTcpProxy } from '../../src/playground/tcp-proxy.ts';
import type { ConnectorFixture } from './connector-fixture.ts';
import { ORG, startGithub, TOKEN } from './github-emulator.ts';

const accounts = { map: { 'O.Mar@acme.test': 'omar', 'left@acme.test': 'outsider' } };

/** A connector to the organisation of the tests. */
export function connectGithub(port: number, name = 'prod-gh', token = TOKEN) {
  const api_url = `http://127.0.0.1:${port}`;
  const settings = {
    kind: 'github',
    org: ORG,
    token,
    api_url,
    accounts: { ...accounts, from: 'email_local_part' },
  };
  return githubConnector.create(name, githubConnector.config.parse(settings), ['acme.test']);
}

export async function githubFixture(): Promise<
  ConnectorFixture<{ team: string; role: 'member' | 'maintainer' }>
> {
  const world = await startGithub();
  const line = await startTcpProxy(world.port);
  for (const team of ['prod-admins', 'readers', 'oncall', '0-1-x']) await world.createTeam(team);
  const connector = connectGithub(line.port);
  const twin = connectGithub(line.port, 'same-gh');
  const wrong = 'ghp_another-token';
  const refused = connectGithub(line.port, 'no-gh', wrong);
  const [ana, omar, nasty] = await Promise.all(['ana', 'omar', '0x-dead-beef'].map(world.account));
  if (!ana || !omar || !nasty) throw new Error('emulate has no such users');
  const edgeBy = async (team: string, who: AccountRef) => ({
    permission: { team, role: 'member' as const },
    permissionId: await world.teamId(team),
    ...who,
  });
  const ghost = { account: 'ghost', accountId: '987654' };
  return {
    connector,
    twin,
    edge: await edgeBy('prod-admins', ana),
    other: await edgeBy('readers', omar),
    missing: { permission: { team: 'nobodies', role: 'member' }, permissionId: '987654', ...ghost },
    rename: {
      async account(login) {
        world.gaps.logins.rename(login, `${login}-2`);
        return `${login}-2`;
      },
      async permission({ team, role }) {
        world.gaps.slugs.rename(team, `${team}-2`);
        return { team: `${team}-2`, role };
      },
      accountBack: async (from, to) => world.gaps.logins.rename(from, to),
      permissionBack: async (from, to) => world.gaps.slugs.rename(from.team, to.team),
      newAccount: async (login) => world.gaps.logins.rename('spare', login),
      async newPermission({ team }) {
        await world.createTeam('another-team');
        world.gaps.slugs.rename('another-team', team);
      },
      dropAccount: undefined,
      async dropPermission({ team }) {
        await world.dropTeam(team);
        world.gaps.slugs.rename(team, 'dropped');
      },
    },
    badPermissions: [{ team: 'a/b' }, { team: '' }, { team: 'x', role: 'owner' }, { team: 'x', more: 1 }],
    hostileEdges: [await edgeBy('0-1-x', nasty), await edgeBy('prod-admins', nasty)],
    subjects: {
      ruled: { email: 'ana@acme.test', ...ana },
      mapped: { email: 'o.mar@acme.test', ...omar },
      unknown: 'nobody@acme.test',
      disabled: undefined,
    },
    secrets: [TOKEN],
    refused: { connector: refused, secret: wrong },
    landsLate: 'possible',
    holds: (edge) => world.isMember(edge.permission.team, edge.account),
    makeHeld: (edge) => world.join(edge.permission.team, edge.account),
    async makeInherited(edge) {
      world.gaps.children.set(edge.permission.team, ['oncall']);
      await world.join('oncall', edge.account);
      return 'through team oncall';
    },
    async stall() {
      let open = () => {};
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      world.intercept(async ({ method }) => {
        if (method === 'PUT' || method === 'DELETE') await gate;
        return undefined;
      });
      return async () => {
        world.intercept(() => undefined);
        open();
        await expect.poll(world.unfinished).toBe(0);
      };
    },
    goDown: async (how) => (how === 'refuses' ? line.refuse() : line.hold()),
    comeBack: async () => line.pass(),
    replaceTarget: async () => world.replaceOrg(),
    sessions: undefined,
    async tearDown() {
      await Promise.all([connector, twin, refused].map((each) => each.close()));
      await line.close();
      await world.close();
    },
  };
}
