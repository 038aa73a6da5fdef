/** One elevation's whole life in Teams, as each person sees it in their own client. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTeamsTalk, type TeamsTalk } from '../support/teams-talk.ts';
import { createTown, type TeamsTown } from '../support/town.ts';
import { roleOf } from '../support/town-talk.ts';

const ROLES = ['life', 'views', 'spoken', 'revoked', 'composed', 'raced', 'guests'];

let town: TeamsTown;
let talk: TeamsTalk;
beforeAll(async () => {
  const many = Array.from({ length: 5000 }, (_, n) => roleOf(`db-${String(n).padStart(4, '0')}-admin`));
  town = await createTown({ slack: null, teams: true, roles: [...ROLES.map((key) => roleOf(key)), ...many] });
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

describe('the card in the channel', () => {
  it('shows each reader what is theirs to do: owners decide, the requester cancels, all others read', async () => {
    const id = await talk.asks('ana', 'views');
    const base = await talk.card(id, '#access-approvals', /ana asks for Role views/);
    expect(base.text).not.toContain('[Approve]');
    const view = async (who: 'ana' | 'omar' | 'lea' | 'mia' | 'sam') =>
      (await talk.seenBy(who, base, '#access-approvals')).text;
    for (const owner of ['omar', 'lea'] as const)
      expect(await view(owner)).toContain('[Approve] [Approve for less] [Deny]');
    for (const other of ['ana', 'mia', 'sam'] as const) expect(await view(other)).toBe(base.text);

    // Who presses Decide sees what is theirs, which is not a decision on their own request.
    const open = { place: '#access-approvals', message: base, card: base.card, text: base.text } as const;
    expect((await talk.presses('ana', open, 'Decide')).text).not.toContain('[Approve]');
    expect((await talk.presses('sam', open, 'Decide')).text).toContain('it is not one that you can see');
    expect((await talk.presses('mia', open, 'Decide')).text).toContain('it is not one that you can see');
    expect((await talk.presses('lea', open, 'Decide')).text).toContain('[Approve]');
    expect(await talk.says('ana', `cancel ${id}`)).toContain('Cancelled');
  });

  it('is that card as it is now, in the view of whoever pressed, with what they are told on top', async () => {
    const id = await talk.asks('ana', 'views', '2h INC-2 once more');
    const seen = await talk.sees('omar', id, '#access-approvals', /\[Approve\]/);
    const told = await talk.presses('omar', seen, 'Approve');
    expect(told.card).not.toBeNull();
    expect(told.text.indexOf(`Approved ${id} for 2 h.`)).toBe(0);
    expect(told.text).not.toContain('[Approve]');
    await talk.sees('omar', id, '#access-approvals', /Live until .*\[Revoke\]/s);
    expect(await talk.says('ana', `done ${id}`)).toContain('Thank you');
  });

  it('asks before it takes access away', async () => {
    const id = await talk.live('ana', 'revoked');
    const seen = await talk.sees('omar', id, '#access-approvals', /\[Revoke\]/);
    expect(JSON.stringify(seen.card)).toContain('ana loses Role revoked at once.');
    expect((await talk.presses('omar', seen, 'Revoke')).text).toContain(`Being taken away: ${id}`);
    await talk.card(id, 'ana', /Ended .*revoked by omar; absence confirmed/);
    expect(town.vault.holds('revoked', 'ana')).toBe(false);
  });
});

describe('said where others read', () => {
  it.each(['#dba', 'group'] as const)('in %s, the answer goes to the speaker alone', async (place) => {
    const id = await talk.asks('ana', 'spoken', '30m INC-3 in front of all', place);
    await talk.line(place, /I answered you privately, ana/);
    expect(talk.cards(id, place)).toEqual([]);
    for (const { text } of town.teams.messages(place)) expect(text).not.toContain(id);
    expect(await talk.says('ana', `cancel ${id}`, place)).toContain('Cancelled');
  });

  it('what does not mention the bot is none of its business', async () => {
    const { teams } = town;
    const before = teams.answers('ana').length;
    const base = teams.activityOf('ana', 'group');
    const { status } = await teams.deliver({ ...base, type: 'message', text: 'spoken 1h INC-9 not for you' });
    expect(status).toBe(200);
    await talk.says('ana', 'mine');
    expect(teams.answers('ana')).toHaveLength(before + 1);
    expect((await talk.log()).filter(({ details }) => details.reason === 'not for you')).toEqual([]);
  });
});

describe('the form', () => {
  it('comes as a card where words do not suffice, and asks when it is filled in', async () => {
    const form = await talk.getsForm('ana', 'elevate');
    expect(() => talk.fills('ana', form, { duration: '1h' })).toThrow('role is empty');
    const told = await talk.fills('ana', form, {
      role: 'spoken',
      duration: '1h',
      reason: 'looking at locks',
    });
    expect(told.text).toMatch(/Asked, as R-/);
    expect(told.form).toBeNull();
  });

  it('opens as a dialog from the compose box, and finds a role among 5,000 as people type', async () => {
    const { teams } = town;
    const nowhere = { place: 'group', message: null } as const;
    const opened = await teams.invoke(
      'ana',
      'composeExtension/fetchTask',
      { commandId: 'request-access' },
      nowhere,
    );
    expect(JSON.stringify(opened.answer)).toContain('Request access');
    const found = async (typed: string) =>
      (await teams.invoke('ana', 'application/search', { queryText: typed, dataset: 'roles' }, nowhere))
        .answer;
    expect(await found('DB-4711')).toMatchObject({
      value: { results: [{ title: 'Role db-4711-admin (db-4711-admin)', value: 'db-4711-admin' }] },
    });
    expect(await found('no such role')).toMatchObject({ value: { results: [] } });
  });
});

it('lets one of two owners win who press at once, and tells the other', async () => {
  const id = await talk.asks('ana', 'raced');
  const omars = await talk.sees('omar', id, '#access-approvals', /\[Approve\]/);
  const leas = await talk.sees('lea', id, 'lea', /\[Approve\]/);
  const [omar, lea] = await Promise.all([
    talk.presses('omar', omars, 'Approve'),
    talk.presses('lea', leas, 'Approve'),
  ]);
  const won = omar.text.includes(`Approved ${id}`) ? 'omar' : 'lea';
  expect((won === 'omar' ? omar : lea).text).toContain(`Approved ${id} for 1 h.`);
  expect((won === 'omar' ? lea : omar).text).toContain(`It is approved already, by ${won}.`);
  await talk.card(id, '#access-approvals', new RegExp(`approved by ${won}\\.`));
  const approved = (await talk.log()).filter(
    ({ action, details }) => action === 'request.approved' && details.request === id,
  );
  expect(approved).toHaveLength(1);
});
