/** Where people of Teams are met may change, or never have been the bot's: they are told all the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buttonsOf } from '../support/adaptive-cards.ts';
import { createTeamsTalk, read, type TeamsTalk, type Told } from '../support/teams-talk.ts';
import { startTeamsWorkspace, TENANT, type TeamsHandle, type TeamsWorkspace } from '../support/teams-town.ts';
import { createTown, type TeamsTown } from '../support/town.ts';
import { roleOf } from '../support/town-talk.ts';

const CHANNEL = '#access-approvals';
const ROLES = ['asker', 'owner', 'composed', 'stranger'];

let teams: TeamsWorkspace;
let town: TeamsTown;
let talk: TeamsTalk;
beforeAll(async () => {
  teams = await startTeamsWorkspace({ installed: ['ana', 'omar', 'lea'] });
  town = await createTown({ slack: null, teams, roles: ROLES.map((key) => roleOf(key)) });
  talk = createTeamsTalk(town);
});
afterAll(async () => {
  await talk.close();
  await teams.close();
});

/** Whom Teams has just named is known for a minute. */
function everybodyIsLookedUpAnew(): void {
  town.clocks.passReal(61);
}

describe('somebody who uninstalls Curfew', () => {
  it('while their request waits is told under its card in the channel what became of it', async () => {
    const id = await talk.asks('ana', 'asker');
    await talk.card(id, 'ana', /You asked for/);
    await teams.uninstalls('ana');
    everybodyIsLookedUpAnew();
    expect(await talk.says('omar', `approve ${id}`)).toContain(`Approved ${id}`);
    const live = await talk.card(id, CHANNEL, /ana: this is for you\. Add Curfew.*Live until/s);
    expect(live.thread).not.toBeNull();
    everybodyIsLookedUpAnew();
    expect((await talk.seenBy('ana', live, CHANNEL)).text).toContain("[I'm done]");
    town.pass(55 * 60);
    await talk.card(id, CHANNEL, /ana: this is for you.*It ends at 2026-11-20 15:00 UTC/s);

    // In their own chat again, as soon as there is one.
    await teams.installs('ana');
    expect(await talk.says('ana', `done ${id}`)).toContain('Thank you');
  });

  it('and owns what is asked for is named on the card as not reached, and still decides', async () => {
    await teams.installs('ana');
    await talk.says('lea', 'mine');
    await teams.uninstalls('lea');
    everybodyIsLookedUpAnew();
    const id = await talk.asks('ana', 'owner');
    await talk.card(
      id,
      CHANNEL,
      /Not reached directly: lea\. lea has not added Curfew in Teams, or blocked it\./,
    );
    const seen = await talk.sees('lea', id, CHANNEL, /\[Approve\]/);
    expect((await talk.presses('lea', seen, 'Approve')).text).toContain(`Approved ${id}`);
  });
});

describe('somebody who asks from the compose box of a chat where Curfew is not', () => {
  const between = { id: '19:ana_lea@unq.gbl.spaces', conversationType: 'personal', tenantId: TENANT };
  const nowhere = { place: 'group', message: null } as const;

  /** Fills in and sends the form of the message extension. */
  async function composes(who: TeamsHandle, role: string, conversation: object | undefined): Promise<Told> {
    teams.connector.block(between.id);
    const invoke = async (name: string, more: object) => {
      const value = { commandId: 'request-access', commandContext: 'compose', ...more };
      const invoked = { ...teams.activityOf(who, who), conversation, type: 'invoke', name, value };
      return read(await teams.deliver(invoked), nowhere);
    };
    const { form } = await invoke('composeExtension/fetchTask', {});
    const [send] = buttonsOf(form?.card);
    const data = { ...(send?.data as object), role, duration: '1h', reference: 'INC-5', reason: 'composing' };
    return invoke('composeExtension/submitAction', { data });
  }

  it('is still known and reached in their own chat', async () => {
    await teams.installs('ana');
    const told = await composes('ana', 'composed', between);
    const id = /Asked, as (R-\w+)/.exec(told.text)?.[1] ?? told.text;
    everybodyIsLookedUpAnew();
    await talk.card(id, 'ana', /You asked for/);
    everybodyIsLookedUpAnew();
    expect(await talk.says('omar', `approve ${id}`)).toContain(`Approved ${id}`);
    await talk.card(id, 'ana', /Live until/);
    everybodyIsLookedUpAnew();
    expect(await talk.says('ana', `done ${id}`)).toContain('Thank you');
    const said = [...teams.connector.calls].filter(({ path }) =>
      path.includes(encodeURIComponent(between.id)),
    );
    expect(said).toEqual([]);
  });

  it('and whom Curfew never met is found in its teams, and told in the channel', async () => {
    const told = await composes('mia', 'stranger', undefined);
    const id = /Asked, as (R-\w+)/.exec(told.text)?.[1] ?? told.text;
    await talk.card(id, CHANNEL, /mia asks for/);
    await town.passReal(70);
    const own = await talk.card(id, CHANNEL, /mia: this is for you\. Add Curfew/);
    expect((await talk.seenBy('mia', own, CHANNEL)).text).toContain('[Cancel]');
  });
});
