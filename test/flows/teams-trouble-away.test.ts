/** Somebody removes Curfew, and adds it again: what they then read in their own chat is true. */
import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cards } from '../../db/schema-messages.ts';
import { createTeamsTalk, type TeamsTalk } from '../support/teams-talk.ts';
import { startTeamsWorkspace, type TeamsWorkspace } from '../support/teams-town.ts';
import { createTown, type TeamsTown } from '../support/town.ts';
import { roleOf } from '../support/town-talk.ts';

const CHANNEL = '#access-approvals';

let teams: TeamsWorkspace;
let town: TeamsTown;
let talk: TeamsTalk;
beforeAll(async () => {
  teams = await startTeamsWorkspace();
  town = await createTown({ slack: null, teams, roles: ['changed', 'deleted'].map((key) => roleOf(key)) });
  talk = createTeamsTalk(town);
});
afterAll(async () => {
  await talk.close();
  await teams.close();
});

const tellCurfew = (action: 'add' | 'remove') =>
  teams.deliver({ ...teams.activityOf('ana', 'ana'), type: 'installationUpdate', action });

async function anaRemovesCurfew(): Promise<void> {
  teams.blocks('ana');
  await tellCurfew('remove');
}

async function anaAddsCurfew(): Promise<void> {
  const before = teams.answers('ana').length;
  teams.unblocks('ana');
  await tellCurfew('add');
  await teams.until(() => teams.answers('ana').length > before, 'Ana to be greeted');
}

/** Ana's access ends while nothing can be written to her: her card says Live, and nobody tries to change it. */
async function endsUnseen(role: string): Promise<string> {
  const id = await talk.live('ana', role);
  await talk.card(id, 'ana', /Live until.*\[I'm done\]/s);
  await anaRemovesCurfew();
  expect(await talk.says('omar', `revoke ${id} enough`)).toContain(id);
  await talk.card(id, CHANNEL, /Ended/);
  await teams.until(async () => {
    const hers = and(eq(cards.requestId, id), eq(cards.recipient, 'ana@acme.test'));
    const rows = await town.ledger.db.select().from(cards).where(hers);
    return rows.length > 0 && rows.every(({ dueAt }) => dueAt === null);
  }, 'her cards to be given up');
  expect(readByAna(id)).toContain("[I'm done]");
  return id;
}

const readByAna = (id: string) =>
  talk
    .cards(id, 'ana')
    .map(({ text }) => text)
    .join('\n');

it('cards that could not be changed are, once she adds Curfew again', async () => {
  const id = await endsUnseen('changed');
  await anaAddsCurfew();
  await talk.card(id, 'ana', /Ended/);
  await teams.until(() => !readByAna(id).includes("[I'm done]"), 'no card of hers to say Live');
});

it('and come anew where she deleted them in the meantime', async () => {
  const id = await endsUnseen('deleted');
  for (const message of talk.cards(id, 'ana')) teams.connector.forgetMessage(message.id);
  await anaAddsCurfew();
  await talk.card(id, 'ana', /Ended/);
});
