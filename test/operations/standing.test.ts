/** Who is here, where people are known on two platforms: none of them speaks for what another one would know. */
import { expect, it } from 'vitest';
import { bindPrincipal } from '../../db/principals.ts';
import type { ChatPort } from '../../src/chat/port.ts';
import type { Platform } from '../../src/domain/platform.ts';
import { readStanding, type Standing } from '../../src/operations/read-standing.ts';
import { createTestDirectory } from '../support/directory.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House } from '../support/house.ts';

const ledger = ledgerForFile();
const OMAR = 'omar@acme.test';
type Directories = Record<Platform, ReturnType<typeof createTestDirectory>>;

/** Omar has spoken on both platforms, `lea` on none. */
async function both() {
  const directories: Directories = {
    slack: createTestDirectory('slack'),
    teams: createTestDirectory('teams'),
  };
  const ports = new Map<string, ChatPort>(
    Object.entries(directories).map(([name, { port }]) => [name, port]),
  );
  const platforms = ['slack', 'teams'] as const;
  const house = await createHouse({ ledger: ledger(), ports, platforms });
  for (const platform of platforms) {
    const who = { platform, workspace: 'T1', userId: 'U-omar', email: OMAR, name: 'omar', timeZone: null };
    await bindPrincipal(house.ledger.db, who, { now: house.clocks.now(), platforms });
  }
  return { house, directories, ports };
}

const standingOf = async (ctx: House['ctx'], email = OMAR) => (await readStanding(ctx, [email])).get(email);

it.each<[string, (of: Directories) => void, Standing]>([
  ['both say so', () => {}, 'present'],
  ['Slack does not say', ({ slack }) => Object.assign(slack.state, { silentAbout: 'omar' }), 'unread'],
  ['Teams does not say', ({ teams }) => Object.assign(teams.state, { silentAbout: 'omar' }), 'unread'],
  [
    'one says that they left and the other does not say',
    ({ slack, teams }) => {
      slack.say('omar', { standing: 'deactivated' });
      teams.state.down = true;
    },
    'gone',
  ],
])('of somebody who is known on two platforms: where %s', async (_, happens, standing) => {
  const { house, directories } = await both();
  happens(directories);
  expect(await standingOf(house.ctx)).toBe(standing);
});

it('whoever is known on a platform that is not connected is not counted on', async () => {
  const { house, ports } = await both();
  ports.delete('slack');
  expect(await standingOf(house.ctx)).toBe('unread');
});

it('whoever is known nowhere is here where one platform finds them by their address, whatever the other says', async () => {
  const { house, directories } = await both();
  directories.slack.state.down = true;
  expect(await standingOf(house.ctx, 'lea@acme.test')).toBe('present');
});

it('takes no vote of a leaver of whom Slack does not answer, though Teams still lists them', async () => {
  const { house, directories } = await both();
  const id = await house.ask();
  directories.slack.say('omar', { standing: 'deactivated' });
  directories.slack.state.silentAbout = 'omar';
  expect(await house.approve(id)).toMatchObject({ ok: false, refusal: { rule: 'standing-known' } });
  directories.slack.state.silentAbout = '';
  expect(await house.approve(id)).toMatchObject({ ok: false, refusal: { rule: 'approver-here' } });
});

it('looks by their address for whom only a platform knew that is not in use any more', async () => {
  const house = await createHouse({ ledger: ledger() });
  await house.person('omar');
  const teams = createTestDirectory('teams');
  const ctx = { ...house.ctx, platforms: ['teams'] as const, ports: new Map([['teams', teams.port]]) };
  expect(await standingOf(ctx)).toBe('present');
  teams.say('omar', null);
  expect(await standingOf(ctx)).toBe('gone');
});

it('looks by their address for whom the configuration names only on a platform that is not in use', async () => {
  const mapped = new Map([['teams:T1/U-omar', OMAR]]);
  const house = await createHouse({ ledger: ledger(), mapped });
  expect(await standingOf(house.ctx)).toBe('present');
});
