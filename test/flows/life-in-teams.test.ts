/** One elevation's whole life in Teams, as each person sees it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTeamsTalk, type TeamsTalk } from '../support/teams-talk.ts';
import { createTown, type TeamsTown } from '../support/town.ts';
import { roleOf } from '../support/town-talk.ts';

let town: TeamsTown;
let talk: TeamsTalk;
beforeAll(async () => {
  town = await createTown({ slack: null, teams: true, roles: ['life', 'group'].map((key) => roleOf(key)) });
  talk = createTeamsTalk(town);
});
afterAll(() => talk.close());

it('is asked for in one line, approved with one click, live, and gone when its time is over', async () => {
  const { vault } = town;
  const id = await talk.asks('ana', 'life', '1h INC-1042 failing over the primary');
  for (const place of ['#access-approvals', 'omar', 'lea', 'ana'] as const)
    await talk.card(id, place, /failing over the primary/);
  expect(vault.holds('life', 'ana')).toBe(false);

  const seen = await talk.sees('omar', id, '#access-approvals', /\[Approve\]/);
  const told = await talk.presses('omar', seen, 'Approve');
  expect(told.text).toContain(`Approved ${id} for 1 h.`);
  await talk.card(id, 'ana', /Live until 2026-11-20 15:00 UTC/);
  expect(vault.holds('life', 'ana')).toBe(true);

  town.pass(55 * 60);
  await talk.card(id, 'ana', /It ends at 2026-11-20 15:00 UTC/);
  town.pass(5 * 60);
  for (const place of ['#access-approvals', 'omar', 'lea', 'ana'] as const)
    await talk.card(id, place, /Ended 2026-11-20 15:00 UTC, time was up; absence confirmed/);
  expect(vault.holds('life', 'ana')).toBe(false);
});
