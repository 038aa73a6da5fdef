/** People of other tenants: whom the configuration names takes part like everybody else, and nobody beside them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTeamsTalk, type TeamsTalk } from '../support/teams-talk.ts';
import { OTHER_TENANT, objectIdOf, startTeamsWorkspace, type TeamsWorkspace } from '../support/teams-town.ts';
import { createTown, type TeamsTown } from '../support/town.ts';
import { roleOf } from '../support/town-talk.ts';

const CHANNEL = '#access-approvals';
const THIRD_TENANT = '77777777-2222-4333-8444-555555555555';

let teams: TeamsWorkspace;
let town: TeamsTown;
let talk: TeamsTalk;
beforeAll(async () => {
  teams = await startTeamsWorkspace({ installed: ['ana', 'omar', 'lea', 'eve'] });
  town = await createTown({
    slack: null,
    teams,
    roles: [roleOf('eves', { owners: ['omar@acme.test', 'eve@partner.test'] }), roleOf('shared')],
    catalog: { mapped: new Map([[`teams:${OTHER_TENANT}/${objectIdOf('eve')}`, 'eve@partner.test']]) },
  });
  talk = createTeamsTalk(town);
});
afterAll(async () => {
  await talk.close();
  await teams.close();
});

/** Says something in Eve's chat, with what makes it somebody else's or another tenant's; what is answered there. */
async function hears(over: object): Promise<string> {
  const before = teams.answers('eve').length;
  const { status } = await teams.deliver({
    ...teams.activityOf('eve', 'eve'),
    type: 'message',
    text: 'mine',
    ...over,
  });
  expect(status).toBe(200);
  return (await teams.until(() => teams.answers('eve')[before], 'an answer')).text;
}

describe('somebody of another tenant whom the configuration names', () => {
  it('decides on what they own, on the card in their own chat', async () => {
    const id = await talk.asks('ana', 'eves');
    const seen = await talk.sees('eve', id, 'eve', /\[Approve\]/);
    town.clocks.passReal(61);
    expect((await talk.presses('eve', seen, 'Approve')).text).toContain(`Approved ${id}`);
    expect((await talk.card(id, CHANNEL, /Live until .*approved by eve/)).text).not.toContain('Not reached');
    expect(town.vault.holds('eves', 'ana')).toBe(true);
  });

  it('asks in their own chat, is told there, and is the same person in a group of the home tenant', async () => {
    const id = await talk.asks('eve', 'shared');
    await talk.card(id, 'eve', /You asked for/);
    expect(await talk.says('omar', `approve ${id}`)).toContain(`Approved ${id}`);
    await talk.card(id, 'eve', /Live until/);
    expect(await talk.says('eve', 'mine', 'group')).toContain(id);
    town.clocks.passReal(61);
    expect(await talk.says('eve', `done ${id}`, 'group')).toContain(`Thank you. ${id}`);
    await talk.card(id, 'eve', /Ended .*handed back by eve/);
    await talk.onRecord('principal.bound', new RegExp(objectIdOf('eve')), 'eve@partner.test');
  });
});

describe('nobody else of another tenant takes part:', () => {
  const conversation = { id: 'a:29:eve', conversationType: 'personal' };

  it('not a colleague of theirs', async () => {
    const from = { id: '29:zoe', name: 'zoe', aadObjectId: 'aaaaaaaa-0000-4000-8000-0000000000ff' };
    expect(await hears({ from })).toContain('does not know you, so nothing was done');
  });

  it('not they themselves from where the configuration does not name them', async () => {
    const elsewhere = {
      conversation: { ...conversation, tenantId: THIRD_TENANT },
      channelData: { tenant: { id: THIRD_TENANT } },
    };
    expect(await hears(elsewhere)).toContain('Only members of the home');
  });
});
