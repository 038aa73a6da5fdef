/** Deciding: by words, button or form, once, and only by whom it is given to. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';
import { visibleText } from '../support/visible-text.ts';

const ROLES = [
  'words',
  'button',
  'own',
  'mine-only',
  'less',
  'denied',
  'denied-words',
  'over',
  'twice',
  'race',
];

let town: Town;
let talk: Talk;
beforeAll(async () => {
  town = await createTown({ roles: [...ROLES, 'race-no', 'lapsing'].map((key) => roleOf(key)) });
  talk = createTalk(town);
});
afterAll(() => talk.close());

describe('approving', () => {
  it('is done in words by an owner, and the requester is told', async () => {
    const id = await talk.asks('ana', 'words');
    expect(await talk.says('omar', `approve ${id}`)).toBe(`Approved ${id} for 1 h.`);
    await talk.line('ana', new RegExp(`${id}, Role words: Approved by omar for 1 h`));
    await talk.card(id, '#access-approvals', /Live until/);
    expect(town.vault.holds('words', 'ana')).toBe(true);
    await talk.onRecord('request.approved', /omar@acme.test/, id);
  });

  it('is done with the button on an owner’s own copy of the card', async () => {
    const id = await talk.asks('ana', 'button');
    const copy = await talk.card(id, 'lea', /Approve/);
    expect(await talk.presses('lea', copy, 'approve')).toBe(`Approved ${id} for 1 h.`);
    await talk.card(id, 'omar', /Live until .* approved by lea/);
    expect(town.vault.holds('button', 'ana')).toBe(true);
  });

  it('is refused to an owner who asked for it, whatever the way', async () => {
    const id = await talk.asks('omar', 'own');
    const card = await talk.card(id, '#access-approvals');
    const no = `Nobody decides on their own access: another owner has to. (${id})`;
    expect(await talk.says('omar', `approve ${id}`)).toBe(no);
    expect(await talk.presses('omar', card, 'approve')).toBe(no);
    const form = await talk.opens('omar', card, 'approve-less');
    expect(await talk.submits('omar', form, { duration: '10m' })).toBe(no);
    expect(await talk.cards(id, 'omar')).toHaveLength(1);
    expect(visibleText(await talk.card(id, 'omar'))).not.toContain('[Approve]');
    expect(town.vault.holds('own', 'omar')).toBe(false);
    await talk.onRecord('vote.refused', /omar@acme.test/, `not-own-request.*${id}`);
    expect(await talk.says('lea', `approve ${id}`)).toBe(`Approved ${id} for 1 h.`);
  });

  it('is refused to whoever is no owner, admins included', async () => {
    const id = await talk.asks('ana', 'mine-only');
    const card = await talk.card(id, '#access-approvals');
    const no = `Only an owner of Role mine-only can decide this. (${id})`;
    expect(await talk.says('mia', `approve ${id}`)).toBe(no);
    expect(await talk.presses('mia', card, 'approve')).toBe(no);
    expect(await talk.presses('ana', card, 'approve')).toContain('Nobody decides on their own access');
    expect(await talk.says('mia', `deny ${id} because I can`)).toBe(no);
    await talk.onRecord('vote.refused', /mia@acme.test/, `owner.*${id}`);
    expect(town.vault.holds('mine-only', 'ana')).toBe(false);
  });

  it('answers that it knows no such request where there is none', async () => {
    expect(await talk.says('omar', 'approve R-ZZZZ')).toContain('There is no request R-ZZZZ');
    expect(await talk.says('omar', 'approve')).toBe(
      "Give the request's id and nothing else: approve R-7K3M.",
    );
    expect(await talk.says('omar', 'approve R-ZZZZ for 10m')).toContain('and nothing else');
  });
});

describe('approving for less', () => {
  it('asks how long, says what is no length or not less, and gives just that', async () => {
    const id = await talk.asks('ana', 'less', '2h INC-3 long work');
    const card = await talk.card(id, '#access-approvals');
    const form = await talk.opens('omar', card, 'approve-less');
    expect(visibleText(form)).toContain(`This approves ${id} for less time than was asked for.`);
    expect(await talk.submits('omar', form, { duration: 'a bit' })).toContain(
      'duration: a bit is not a length',
    );
    const notLess = await talk.opens('lea', card, 'approve-less');
    expect(await talk.submits('lea', notLess, { duration: '2h' })).toContain(
      'That is not less than what was asked.',
    );
    expect(await talk.submits('omar', form, { duration: '30m' })).toBe(`Approved ${id} for 30 min.`);
    const live = await talk.card(id, '#access-approvals', /Live until/);
    expect(visibleText(live)).toContain('Live until 2026-11-20 14:30 UTC');
    expect(visibleText(live)).toContain('Approved for less: 30 min instead of 2 h.');
    await talk.line('ana', /Approved by omar for 30 min/);
  });
});

describe('denying', () => {
  it('asks for a reason in a form, which the requester reads', async () => {
    const id = await talk.asks('ana', 'denied');
    const card = await talk.card(id, 'omar', /Deny/);
    const form = await talk.opens('omar', card, 'deny');
    await expect(town.slack.submit('omar', form, {})).rejects.toThrow('reason is empty');
    expect(await talk.submits('omar', form, { reason: ' \u200b ' })).toBe('reason: Say why, in a few words.');
    expect(await talk.submits('omar', form, { reason: 'use the replica' })).toBe(`Denied ${id}.`);
    for (const place of ['#access-approvals', 'omar', 'lea', 'ana'] as const) {
      const shown = visibleText(await talk.card(id, place, /Denied/));
      expect(shown).toContain('> use the replica');
      expect(shown).not.toContain('[');
    }
    await talk.line('ana', /Denied by omar: use the replica/);
    await talk.onRecord('request.denied', /omar@acme.test/, `use the replica.*${id}|${id}.*use the replica`);
    expect(town.vault.holds('denied', 'ana')).toBe(false);
  });

  it('needs the reason in words as well: without one the form opens', async () => {
    const id = await talk.asks('ana', 'denied-words');
    expect(await talk.says('omar', `deny ${id}`)).toBe('');
    expect(visibleText(talk.form('omar'))).toContain('⚠ Say why, in a few words.');
    await talk.card(id, '#access-approvals', /Approve/);
    expect(await talk.says('omar', `deny ${id} not today`)).toBe(`Denied ${id}.`);
  });
});

describe('decided once', () => {
  it('tells whoever presses on a request that is over what became of it, and draws that copy anew', async () => {
    const id = await talk.asks('ana', 'over');
    const stale = await talk.card(id, '#access-approvals', /Approve/);
    expect(await talk.says('ana', `cancel ${id}`)).toBe(`Cancelled ${id}.`);
    expect(await talk.presses('omar', stale, 'approve')).toBe(`It was cancelled. (${id})`);
    await talk.card(id, '#access-approvals', /Cancelled/);
    await talk.onRecord('vote.refused', /omar@acme.test/, `pending.*${id}`);
    expect(town.vault.holds('over', 'ana')).toBe(false);
  });

  it('counts two clicks of one person as one', async () => {
    const id = await talk.asks('ana', 'twice');
    const card = await talk.card(id, '#access-approvals', /Approve/);
    const first = town.slack.ephemerals('omar').length;
    await Promise.all([town.slack.click('omar', card, 'approve'), town.slack.click('omar', card, 'approve')]);
    const told = await town.slack.until(() => {
      const shown = town.slack.ephemerals('omar').slice(first).map(visibleText);
      return shown.length === 2 && shown.sort();
    }, 'two answers');
    expect(told).toEqual([`Approved ${id} for 1 h.`, `It is approved already, by omar. (${id})`]);
    const events = (await talk.log()).filter(({ details }) => details.request === id);
    expect(events.filter(({ action }) => action === 'request.approved')).toHaveLength(1);
  });

  it('lets one of two owners win who press at once, and tells the other', async () => {
    const id = await talk.asks('ana', 'race');
    const card = await talk.card(id, '#access-approvals', /Approve/);
    const told = await Promise.all([
      talk.presses('omar', card, 'approve'),
      talk.presses('lea', card, 'approve'),
    ]);
    expect(told.filter((text) => text === `Approved ${id} for 1 h.`)).toHaveLength(1);
    const winner = told[0]?.startsWith('Approved') ? 'omar' : 'lea';
    expect(told).toContain(`It is approved already, by ${winner}. (${id})`);
    await talk.card(id, '#access-approvals', new RegExp(`approved by ${winner}\\.`));
  });

  it('lets a denial and an approval at once be one or the other, everywhere the same', async () => {
    const id = await talk.asks('ana', 'race-no');
    const card = await talk.card(id, '#access-approvals', /Approve/);
    const [approved, denied] = await Promise.all([
      talk.presses('omar', card, 'approve'),
      talk.says('lea', `deny ${id} not now`),
    ]);
    const wasApproved = approved === `Approved ${id} for 1 h.`;
    if (!wasApproved) expect(approved).toBe(`It was denied already, by lea. (${id})`);
    expect(denied).toBe(wasApproved ? `It is approved already, by omar. (${id})` : `Denied ${id}.`);
    await talk.card(id, '#access-approvals', wasApproved ? /Live until/ : /Denied by lea/);
    expect(town.vault.holds('race-no', 'ana')).toBe(wasApproved);
  });

  it('refuses an approval that comes after the request has lapsed', async () => {
    const id = await talk.asks('ana', 'lapsing');
    const card = await talk.card(id, '#access-approvals', /Approve/);
    town.clocks.pass(8 * 3600);
    expect(await talk.presses('omar', card, 'approve')).toBe(`It has expired. (${id})`);
    await talk.card(id, '#access-approvals', /Expired/);
    expect(town.vault.holds('lapsing', 'ana')).toBe(false);
  });
});
