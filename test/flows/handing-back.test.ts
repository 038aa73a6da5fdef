/** Giving access back and taking it away: by its holder, an owner or an admin, and by nobody else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';
import { visibleText } from '../support/visible-text.ts';

const ROLES = ['alpha', 'beta', 'gamma', 'delta', 'again', 'cancelled', 'not-mine'];

let town: Town;
let talk: Talk;
beforeAll(async () => {
  const lea = roleOf('leas', { owners: ['lea@acme.test'] });
  town = await createTown({ roles: [...ROLES.map((key) => roleOf(key)), lea] });
  talk = createTalk(town);
});
afterAll(() => talk.close());

const gone = (key: string, who = 'ana') =>
  town.slack.until(() => !town.vault.holds(key, who), `${key} to be gone`);

describe('done', () => {
  it('says that nothing is held, where nothing is', async () => {
    expect(await talk.says('ana', 'done')).toBe('You hold nothing from Curfew just now.');
  });

  it('means the only thing that is held; with several it asks which one', async () => {
    const alpha = await talk.live('ana', 'alpha');
    const beta = await talk.live('ana', 'beta');
    const which = await talk.says('ana', 'done');
    expect(which).toMatch(/^Say which one: done R-\w+ or done R-\w+\.$/);
    expect(which).toContain(alpha);
    expect(which).toContain(beta);
    expect(await talk.says('ana', `done ${alpha.toLowerCase()}`)).toContain(`Thank you. ${alpha}`);
    await talk.line(
      'ana',
      new RegExp(`${alpha}, Role alpha: Ended: handed back by ana\\. Absence confirmed`),
    );
    await gone('alpha');
    expect(town.vault.holds('beta', 'ana')).toBe(true);
    expect(await talk.says('ana', 'done')).toContain(`Thank you. ${beta}`);
    await gone('beta');
    await talk.card(beta, '#access-approvals', /Ended .* handed back by ana; absence confirmed/);
    await talk.onRecord('grant.ending', /ana@acme.test/, `returned.*${beta}|${beta}.*returned`);
    await talk.onRecord('grant.ended', /^curfew$/, beta);
  });

  it('is a button on the message that says it is live, and says so when it is over already', async () => {
    const id = await talk.live('ana', 'alpha');
    const card = await talk.card(id, 'ana', /I'm done/);
    expect(await talk.presses('ana', card, 'done')).toContain(`Thank you. ${id}`);
    await gone('alpha');
    expect(await talk.presses('ana', card, 'done')).toContain(
      `${id}: that access is over, and nothing reopens it.`,
    );
  });

  it('does nothing for somebody else, and does not tell them what there is', async () => {
    const id = await talk.live('ana', 'not-mine');
    expect(await talk.says('omar', `done ${id}`)).toContain(`There is no request ${id} of yours`);
    expect(town.vault.holds('not-mine', 'ana')).toBe(true);
    await talk.onRecord('return.refused', /omar@acme.test/, id);
  });
});

describe('cancel', () => {
  it('takes a pending request back, in words or with the button, and only one’s own', async () => {
    const id = await talk.asks('ana', 'cancelled');
    expect(await talk.says('omar', `cancel ${id}`)).toContain(`There is no request ${id} of yours`);
    await talk.onRecord('cancel.refused', /omar@acme.test/, id);
    const own = await talk.card(id, 'ana', /\[Cancel\]/);
    expect(await talk.presses('ana', own, 'cancel')).toBe(`Cancelled ${id}.`);
    await talk.card(id, '#access-approvals', /Cancelled/);
    await talk.card(id, 'omar', /Cancelled/);
    await talk.timeline(id, /Cancelled by ana\./);
    await talk.onRecord('request.cancelled', /ana@acme.test/, id);
    expect(await talk.says('ana', `cancel ${id}`)).toBe(
      `${id} is cancelled already: there is nothing left to decide.`,
    );
    expect(await talk.says('ana', 'cancel')).toContain("Give the request's id");
  });
});

describe('revoke', () => {
  it('is for an owner of the role, with words of their own, which the holder reads', async () => {
    const id = await talk.live('ana', 'gamma');
    expect(await talk.says('omar', `revoke ${id} the incident is over`)).toContain(`Being taken away: ${id}`);
    await gone('gamma');
    await talk.card(id, 'ana', /Ended .* revoked by omar.*> the incident is over/s);
    await talk.line('ana', /Ended: revoked by omar\. Absence confirmed/);
    await talk.timeline(id, /Ending: revoked by omar\. “the incident is over”/);
    await talk.onRecord('grant.ending', /omar@acme.test/, `revoked.*${id}|${id}.*revoked`);
  });

  it('is for an admin as well, with the button that asks first', async () => {
    const id = await talk.live('ana', 'gamma');
    const card = await talk.card(id, '#access-approvals', /Live until/);
    expect(JSON.stringify(card.blocks)).toContain('ana loses Role gamma at once.');
    expect(await talk.presses('mia', card, 'revoke')).toContain(`Being taken away: ${id}`);
    await gone('gamma');
    expect(await talk.presses('omar', card, 'revoke')).toContain(`${id}: that access is over`);
  });

  it('takes all that somebody holds, so far as the speaker may', async () => {
    const alpha = await talk.live('ana', 'alpha');
    const leas = await talk.live('ana', 'leas', undefined, 'lea');
    const said = await talk.says('omar', 'revoke @ana leaving the team');
    expect(said).toContain(alpha);
    expect(said).not.toContain(leas);
    await gone('alpha');
    expect(town.vault.holds('leas', 'ana')).toBe(true);
    expect(await talk.says('mia', 'revoke @ana')).toContain(leas);
    await gone('leas');
    expect(await talk.says('mia', 'revoke @ana')).toContain(
      'holds nothing from Curfew that you could take away',
    );
    expect(await talk.says('mia', 'revoke @lea')).toContain(
      'holds nothing from Curfew that you could take away',
    );
  });

  it('is refused to others, holders included, and that is on record', async () => {
    const id = await talk.live('ana', 'leas', undefined, 'lea');
    // Who has nothing to do with it does not learn that it is there.
    expect(await talk.says('omar', `revoke ${id}`)).toBe(
      `There is no request ${id} of yours or for you to decide.`,
    );
    expect(await talk.says('omar', 'revoke @ana')).toContain('nothing from Curfew that you could take away');
    expect(await talk.says('ana', `revoke ${id}`)).toBe(
      'You may not revoke this: only an owner of the role or an admin can.',
    );
    await talk.onRecord('revoke.refused', /omar@acme.test/, id);
    expect(town.vault.holds('leas', 'ana')).toBe(true);
    expect(await talk.says('omar', 'revoke')).toBe('Say what to revoke: revoke R-7K3M, or revoke @somebody.');
    expect(await talk.says('omar', 'revoke R-ZZZZ')).toContain('There is no request R-ZZZZ');
  });
});

it('offers to ask again when its time was up, with what was asked before', async () => {
  const id = await talk.live('ana', 'again', '30m INC-12 a long night');
  town.pass(30 * 60);
  const card = await talk.card(id, 'ana', /Ask again/);
  expect(visibleText(card)).toContain('time was up');
  const form = await talk.opens('ana', card, 'ask-again');
  for (const words of ['Role again', '30m', 'INC-12', 'a long night'])
    expect(visibleText(form)).toContain(words);
  const said = await talk.submits('ana', form);
  expect(said).toMatch(/Asked, as R-/);
  expect(said).not.toContain(id);
});
