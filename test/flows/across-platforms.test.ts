/** One Curfew, two platforms: a request is the same everywhere, and so is everybody. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTeamsTalk, type TeamsTalk } from '../support/teams-talk.ts';
import { objectIdOf, TENANT } from '../support/teams-town.ts';
import { createTown, type TeamsTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';
import { visibleText } from '../support/visible-text.ts';

const ROLES = ['there', 'back', 'own', 'raced', 'denied', 'leaver', 'guest', 'refused', 'gone'];
/** Where the card of Ana's request stands on both platforms; her own copy is where she asked. */
const PLACES = ['#access-approvals', 'omar', 'lea'] as const;

let town: Town & TeamsTown;
let inSlack: Talk;
let inTeams: TeamsTalk;
beforeAll(async () => {
  town = await createTown({
    teams: true,
    roles: [
      ...ROLES.map((key) => roleOf(key)),
      roleOf('sams', { owners: ['omar@acme.test', 'sam@acme.test'] }),
    ],
    catalog: {
      channels: {
        approvals: { slack: '#access-approvals', teams: 'Platform/access-approvals' },
        alerts: { slack: '#security-alerts', teams: 'Platform/security-alerts' },
      },
      mapped: new Map([[`teams:${TENANT}/${objectIdOf('sam')}`, 'sam@acme.test']]),
    },
  });
  inSlack = createTalk(town);
  inTeams = createTeamsTalk(town);
  // Owners are written to where they have spoken before.
  for (const who of ['ana', 'omar', 'lea', 'mia'] as const) await inSlack.says(who, 'mine');
});
afterAll(() => inSlack.close());
beforeEach(() => town.teams.connector.heal());

/** Every copy of the request's card, in both, reads so; nobody has two of one. */
async function everywhere(id: string, words: RegExp): Promise<void> {
  for (const place of PLACES) {
    await inSlack.card(id, place, words);
    await inTeams.card(id, place, words);
  }
}

/** What nobody may read any more, anywhere. */
async function nowhere(id: string, words: RegExp): Promise<void> {
  for (const place of PLACES) {
    const slack = (await inSlack.cards(id, place)).map((message) => visibleText(message));
    const teams = inTeams.cards(id, place).map(({ text }) => text);
    for (const text of [...slack, ...teams]) expect(text).not.toMatch(words);
  }
}

describe('a request', () => {
  it('made in Slack is approved in Teams, and every copy of its card shows each state in both', async () => {
    const id = await inSlack.asks('ana', 'there', '1h INC-1 across');
    await everywhere(id, /INC-1/);
    const seen = await inTeams.sees('omar', id, '#access-approvals', /\[Approve\]/);
    expect((await inTeams.presses('omar', seen, 'Approve')).text).toContain(`Approved ${id} for 1 h.`);
    await everywhere(id, /Live until 2026-11-20 15:00 UTC/);
    await inSlack.card(id, 'ana', /Live until 2026-11-20 15:00 UTC/);
    expect(town.vault.holds('there', 'ana')).toBe(true);
    await nowhere(id, /\[Approve\]|Waits for/);

    const stale = await inSlack.card(id, '#access-approvals');
    expect(visibleText(stale)).toContain('[Revoke]');
    expect(await inSlack.presses('lea', stale, 'revoke')).toContain('Being taken away');
    await everywhere(id, /Ended .*revoked by lea; absence confirmed/);
    expect(town.vault.holds('there', 'ana')).toBe(false);
    for (const timeline of [inSlack.timeline, inTeams.timeline]) {
      const lines = await timeline(id, /^Ended/);
      expect(lines.map((line) => /^(Approved|Live|Ending|Ended)|asked for/.exec(line)?.[0])).toEqual([
        'asked for',
        'Approved',
        'Live',
        'Ending',
        'Ended',
      ]);
    }
  });

  it('made in Teams is approved in Slack, and handed back in Slack by whoever asked in Teams', async () => {
    const id = await inTeams.asks('ana', 'back', '1h INC-2 and back');
    const card = await inSlack.card(id, '#access-approvals', /Approve/);
    expect(await inSlack.presses('lea', card, 'approve')).toBe(`Approved ${id} for 1 h.`);
    await everywhere(id, /Live until .* UTC/);
    expect(await inSlack.says('ana', 'mine')).toContain(id);
    expect(await inTeams.says('ana', 'mine')).toContain(id);
    await inTeams.card(id, 'ana', /\[I'm done\]/);
    expect(await inSlack.says('ana', `done ${id}`)).toContain(`Thank you. ${id}`);
    await everywhere(id, /Ended .*handed back by ana; absence confirmed/);
    await inTeams.card(id, 'ana', /Ended .*handed back by ana; absence confirmed/);
    expect(town.vault.holds('back', 'ana')).toBe(false);
  });

  it('denied in one reads so in both, with the reason, and gives nothing', async () => {
    const id = await inSlack.asks('ana', 'denied');
    const seen = await inTeams.sees('lea', id, 'lea', /\[Deny\]/);
    const form = await inTeams.opens('lea', seen, 'Deny');
    expect((await inTeams.fills('lea', form, { reason: 'use the replica' })).text).toBe(`Denied ${id}.`);
    await everywhere(id, /Denied by lea/);
    await everywhere(id, /use the replica/);
    await nowhere(id, /\[/);
    expect(town.vault.holds('denied', 'ana')).toBe(false);
  });
});

describe('nobody decides on their own access', () => {
  it('by way of the other platform: neither by a click nor in words, from either side', async () => {
    for (const [asks, here] of [
      [inSlack, 'slack'],
      [inTeams, 'teams'],
    ] as const) {
      const id = await asks.asks('omar', 'own');
      const slackCard = await inSlack.card(id, 'lea', /Approve/);
      const leas = await inTeams.sees('lea', id, '#access-approvals', /\[Approve\]/);
      const no = 'Nobody decides on their own access';
      expect(await inSlack.says('omar', `approve ${id}`), here).toContain(no);
      expect(await inTeams.says('omar', `approve ${id}`), here).toContain(no);
      expect(await inSlack.presses('omar', slackCard, 'approve'), here).toContain(no);
      expect((await inTeams.presses('omar', leas, 'Approve')).text, here).toContain(no);
      const channel = await inTeams.card(id, '#access-approvals');
      expect((await inTeams.seenBy('omar', channel, '#access-approvals')).text).not.toContain('[Approve]');
      expect(town.vault.holds('own', 'omar')).toBe(false);
      await inSlack.onRecord('vote.refused', /omar@acme.test/, id);
      expect(await inSlack.says('omar', `cancel ${id}`)).toContain('Cancelled');
      for (const place of ['#access-approvals', 'lea'] as const) {
        await inSlack.card(id, place, /Cancelled/);
        await inTeams.card(id, place, /Cancelled/);
      }
    }
  });
});

it('is decided once when two owners approve at the same time on two platforms, and the loser is told', async () => {
  const id = await inTeams.asks('ana', 'raced');
  const omars = await inSlack.card(id, '#access-approvals', /Approve/);
  const leas = await inTeams.sees('lea', id, '#access-approvals', /\[Approve\]/);
  const [omar, lea] = await Promise.all([
    inSlack.presses('omar', omars, 'approve'),
    inTeams.presses('lea', leas, 'Approve').then(({ text }) => text),
  ]);
  const winner = omar.includes(`Approved ${id}`) ? 'omar' : 'lea';
  const [won, lost] = winner === 'omar' ? [omar, lea] : [lea, omar];
  expect(won).toContain(`Approved ${id} for 1 h.`);
  expect(lost).toContain(`It is approved already, by ${winner}.`);
  await everywhere(id, new RegExp(`Live until .*approved by ${winner}\\.`));
  const decisions = (await inSlack.log()).filter(
    ({ action, details }) => details.request === id && action === 'request.approved',
  );
  expect(decisions).toHaveLength(1);
});

describe('is refused in words, and nothing is written for them:', () => {
  /** What Curfew has of people, requests and votes. */
  const written = async () =>
    (await inSlack.log()).filter(({ action }) => /bound|created|approved|denied/.test(action)).length;

  it.each([
    ['a guest', 'lin', 'lin', 'Guests cannot use Curfew'],
    [
      'somebody of another tenant, in their own chat',
      'eve',
      'eve',
      'Only members of the home workspace|does not know you',
    ],
    ['somebody of another tenant, in a chat with ours', 'eve', 'group', 'Only members of the home workspace'],
  ] as const)('%s', async (_whom, who, place, words) => {
    const { teams } = town;
    await teams.installs(who);
    const before = await written();
    const about = '1h INC-6 let me in';
    expect(await inTeams.says(who, `refused ${about}`, place)).toMatch(new RegExp(words));
    const id = await inSlack.asks('ana', 'refused', '1h INC-6 for a guest to decide');
    const omars = await inTeams.sees('omar', id, '#access-approvals', /\[Approve\]/);
    expect((await inTeams.presses(who, omars, 'Approve')).text).toMatch(new RegExp(words));
    expect(await inTeams.says(who, `approve ${id}`, place)).toMatch(new RegExp(words));
    expect(await written()).toBe(before + 1);
    expect(await inSlack.says('ana', `cancel ${id}`)).toContain('Cancelled');
  });

  it.each([
    ['a bot', { id: '28:another-bot', name: 'Bot', aadObjectId: objectIdOf('omar') }],
    ['somebody whom Teams does not name', { id: '29:omar', name: 'omar' }],
  ])('%s', async (_whom, from) => {
    const { teams } = town;
    const id = await inSlack.asks('ana', 'refused', '1h INC-7 for nobody to decide');
    const card = await inTeams.card(id, '#access-approvals');
    const before = await written();
    const base = { ...teams.activityOf('omar', 'group'), from };
    await teams.deliver({
      ...base,
      type: 'message',
      text: `<at>Curfew</at> approve ${id}`,
      entities: [{ type: 'mention', text: '<at>Curfew</at>', mentioned: base.recipient }],
    });
    const data = { v: 1, do: 'act', verb: 'approve', id, on: card.marker };
    const pressed = await teams.deliver({
      ...teams.activityOf('omar', '#access-approvals', card.id),
      from,
      type: 'invoke',
      name: 'adaptiveCard/action',
      replyToId: card.id,
      value: { action: { type: 'Action.Execute', verb: 'curfew.act', data }, trigger: 'manual' },
    });
    expect(JSON.stringify(pressed.answer)).toMatch(/Bots cannot use Curfew|Teams does not say who you are/);
    expect(await inSlack.says('ana', `cancel ${id}`)).toContain('Cancelled');
    expect(await written()).toBe(before);
    expect(town.vault.holds('refused', 'ana')).toBe(false);
  });

  it('an approver who has left the tenant, at the click', async () => {
    const { teams } = town;
    const id = await inTeams.asks('ana', 'refused', '1h INC-8 decided too late');
    const leas = await inTeams.sees('lea', id, '#access-approvals', /\[Approve\]/);
    teams.leaves('lea');
    // Whom Teams has just named is known for a minute.
    town.clocks.passReal(61);
    const told = await inTeams.presses('lea', leas, 'Approve');
    expect(told.text).toContain('does not know you, so nothing was done');
    expect(town.vault.holds('refused', 'ana')).toBe(false);
    expect(await inSlack.says('omar', `approve ${id}`)).toContain('Approved');
    await inTeams.card(id, '#access-approvals', /Live until .*approved by omar/);
  });
});

describe('somebody known in Teams alone', () => {
  it('who is a guest that the configuration names, owns, decides and asks there, and nobody looks for them in Slack', async () => {
    await town.teams.installs('sam');
    const id = await inSlack.asks('ana', 'sams');
    const seen = await inTeams.sees('sam', id, 'sam', /\[Approve\]/);
    expect((await inTeams.presses('sam', seen, 'Approve')).text).toContain(`Approved ${id} for 1 h.`);
    await inSlack.card(id, '#access-approvals', /Live until .*approved by sam/);
    expect(await inSlack.cards(id, 'sam')).toEqual([]);
    const own = await inTeams.asks('sam', 'guest');
    await inTeams.card(own, 'sam', /You asked for/);
    expect(await inSlack.says('omar', `approve ${own}`)).toContain('Approved');
    await inTeams.card(own, 'sam', /Live until/);
    for (const place of ['#security-alerts'] as const) {
      const told = await town.slack.messages(place);
      expect(told.filter((message) => visibleText(message).includes('sam@acme.test'))).toEqual([]);
    }
  });
});

it('lets a leaver whom Slack names lose what they asked for in Teams, at once', async () => {
  const held = await inTeams.live('mia', 'leaver');
  const asked = await inTeams.asks('mia', 'gone');
  await inTeams.card(held, 'mia', /Live until/);
  await inSlack.says('mia', 'mine');
  const { id } = town.slack.person('mia');
  town.slack.api.patchUser(id, { deleted: true });
  const user = { id, team_id: town.slack.workspace, deleted: true };
  expect((await town.slack.event('user_change', { user })).status).toBe(200);
  for (const place of ['#access-approvals', 'omar'] as const) {
    await inTeams.card(held, place, /Ended .*the account in chat was deactivated; absence confirmed/);
    await inSlack.card(held, place, /Ended .*the account in chat was deactivated; absence confirmed/);
    await inTeams.card(asked, place, /Cancelled/);
    await inSlack.card(asked, place, /Cancelled/);
  }
  expect(town.vault.holds('leaver', 'mia')).toBe(false);
  await inSlack.onRecord('principal.offboarded', /slack:directory/, 'mia@acme.test');
});
