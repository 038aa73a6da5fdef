/** What comes over the wire from Teams: forged, old, oversized or unknown, it changes nothing and never crashes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTeamsTalk, type TeamsTalk } from '../support/teams-talk.ts';
import type { TeamsWorkspace } from '../support/teams-town.ts';
import { createTown, type TeamsTown } from '../support/town.ts';
import { roleOf } from '../support/town-talk.ts';

const CHANNEL = '#access-approvals';

let town: TeamsTown;
let teams: TeamsWorkspace;
let talk: TeamsTalk;
beforeAll(async () => {
  town = await createTown({ slack: null, teams: true, roles: ['outdated', 'odd'].map((key) => roleOf(key)) });
  talk = createTeamsTalk(town);
  teams = town.teams;
});
afterAll(() => talk.close());

describe('what Curfew does not understand', () => {
  it('a button of another version says what to say instead, and changes nothing', async () => {
    const id = await talk.asks('ana', 'outdated');
    const message = await talk.card(id, CHANNEL);
    for (const data of [
      { v: 99, do: 'act', verb: 'approve', id },
      { verb: 'approve', id },
      { do: 'dance', about: id },
    ]) {
      const action = { type: 'Action.Execute', verb: 'curfew.act', data };
      const on = { place: CHANNEL, message } as const;
      const { status, answer } = await teams.invoke(
        'omar',
        'adaptiveCard/action',
        { action, trigger: 'manual' },
        on,
      );
      expect(status).toBe(200);
      expect(answer).toMatchObject({
        statusCode: 200,
        value: `This button is from another version of Curfew. Say status ${id} to Curfew to see it as it is now.`,
      });
    }
    expect(town.vault.holds('outdated', 'ana')).toBe(false);
    expect(await talk.says('ana', `cancel ${id}`)).toContain('Cancelled');
  });

  it('an activity of unknown type is taken and ignored, an unknown invoke is refused, and Curfew goes on', async () => {
    const base = teams.activityOf('omar', 'omar');
    for (const type of ['typing', 'messageReaction', 'dance', 'event', 'endOfConversation'])
      expect((await teams.deliver({ ...base, type })).status).toBe(200);
    expect((await teams.invoke('omar', 'dance/fetch', {}, { place: 'omar', message: null })).status).toBe(
      501,
    );
    expect((await teams.deliver({ ...base, type: 'message', text: 7 })).status).toBe(400);
    expect(await talk.says('ana', 'mine')).toContain('Your access');
  });

  it('a body of 2 MB is answered 413', async () => {
    const base = teams.activityOf('omar', 'omar');
    const text = `odd 1h INC-1 ${'x'.repeat(2 * 1024 * 1024)}`;
    expect((await teams.deliver({ ...base, type: 'message', text })).status).toBe(413);
    expect(await talk.says('ana', 'mine')).toContain('Your access');
  });

  it('a forged token is answered 401, and changes nothing', async () => {
    const id = await talk.asks('ana', 'odd');
    const base = teams.activityOf('omar', 'omar');
    const said = { ...base, type: 'message', text: `approve ${id}` };
    for (const parts of [{ forged: true }, { claims: { aud: 'another' } }, { signature: 'none' }] as const)
      expect((await teams.deliver(said, parts)).status).toBe(401);
    const about = (await talk.log()).filter(({ details }) => details.request === id);
    expect(about.map(({ action }) => action)).toEqual(['request.created']);
    expect(town.vault.holds('odd', 'ana')).toBe(false);
  });
});
