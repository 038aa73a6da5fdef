/** What is refused before anybody is asked: with the reason, nothing given, and on record. */
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cards } from '../../db/schema-messages.ts';
import { freeze } from '../../src/operations/set-freeze.ts';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';

let town: Town;
let talk: Talk;
beforeAll(async () => {
  const roles = [
    roleOf('for-others', { requesters: ['lea@acme.test'] }),
    roleOf('past', { recertifyBy: '2026-11-19' }),
    roleOf('last-day', { recertifyBy: '2026-11-20' }),
    roleOf('undated', { recertifyBy: null }),
    roleOf('broken', { problems: ['Its connector nowhere is not configured.'] }),
    roleOf('sole', { owners: ['ana@acme.test'] }),
    roleOf('for-incidents', { requiresIncident: true }),
    ...['direct', 'inherited', 'no-account', 'down', 'frozen', 'pending-freeze', 'twice', 'held'].map((key) =>
      roleOf(key),
    ),
    roleOf('elsewhere', { entitlements: [{ connector: 'nowhere', permission: { key: 'x' } }] }),
  ];
  town = await createTown({ roles });
  talk = createTalk(town);
});
afterAll(() => talk.close());
/** Says no in these words, asks nobody, and writes down the rule. */
async function refuses(
  words: string,
  reason: string,
  rule: string,
  who: 'ana' | 'lea' = 'ana',
): Promise<void> {
  const said = await talk.says(who, words);
  expect(said).toContain(reason);
  const id = /\((R-\w+)\)$/.exec(said)?.[1] ?? '';
  const role = words.split(' ')[0] ?? '';
  const event = await talk.onRecord('request.refused', new RegExp(`${who}@acme.test`), id);
  expect(event.details).toMatchObject({ request: id, role, rule, policy: 'sha256:test' });
  const shown = await town.ledger.db.select().from(cards).where(eq(cards.requestId, id));
  expect(shown).toEqual([]);
}

describe('the role', () => {
  it.each([
    ['for-others', 'You are not among those who may ask for Role for-others.', 'requester-allowed'],
    ['past', 'cannot be requested: its owners were to recertify it by 2026-11-19.', 'recertified'],
    ['undated', 'it has no recertification date', 'recertified'],
    ['broken', 'cannot be requested: Its connector nowhere is not configured.', 'role-usable'],
    ['sole', 'Nobody could approve this: you are the only owner of Role sole.', 'someone-can-approve'],
    ['for-incidents', 'needs an open incident, and no source of incidents knows INC-1', 'incident-required'],
    ['elsewhere', 'This could not be checked, so it is refused', 'facts-known'],
  ])('%s cannot be asked for, and the answer says why', async (role, reason, rule) => {
    await refuses(`${role} 1h INC-1 please`, reason, rule);
  });

  it('can be asked for through the last day before it has to be recertified, by whom it is for', async () => {
    const id = await talk.asks('ana', 'last-day');
    expect(await talk.says('ana', `cancel ${id}`)).toBe(`Cancelled ${id}.`);
    const other = await talk.asks('lea', 'for-others');
    expect(await talk.says('lea', `cancel ${other}`)).toBe(`Cancelled ${other}.`);
  });

  it('is not offered in the form where it cannot be requested', async () => {
    expect(await town.slack.options('ana', 'broken')).toEqual([]);
    expect(await talk.says('ana', 'roles broken')).toContain(
      'Cannot be requested: Its connector nowhere is not configured.',
    );
  });
});

describe('the target', () => {
  it('shows the access already, held outside Curfew', async () => {
    town.vault.put('direct', 'ana');
    await refuses(
      'direct 1h INC-2 please',
      'The account ana is holder of direct on vault already, outside Curfew.',
      'not-held-outside',
    );
    expect(town.vault.holds('direct', 'ana')).toBe(true);
  });

  it('shows the access already, by another way', async () => {
    town.vault.inherited.set('inherited:ana', ['through group ops']);
    await refuses(
      'inherited 1h INC-3 please',
      'already, outside Curfew (through group ops).',
      'not-held-outside',
    );
  });

  it('has no account for the person', async () => {
    const { connector } = town.vault;
    const resolve = connector.resolveAccount;
    const answer = { ok: false, reason: 'unknown', message: 'There is no account ana on vault' };
    Object.assign(connector, { resolveAccount: async () => answer });
    await refuses(
      'no-account 1h INC-4 please',
      'There is no account ana on vault (for holder of no-account on vault).',
      'account-resolves',
    );
    Object.assign(connector, { resolveAccount: resolve });
  });

  it('does not answer: unknown means no', async () => {
    town.vault.state.down = true;
    await refuses(
      'down 1h INC-5 please',
      'This could not be checked, so it is refused: vault does not answer.',
      'facts-known',
    );
    town.vault.state.down = false;
    const id = await talk.asks('ana', 'down');
    expect(await talk.says('ana', `cancel ${id}`)).toBe(`Cancelled ${id}.`);
  });
});

describe('the ledger', () => {
  it('has the same request waiting already, or the access held already', async () => {
    const id = await talk.asks('ana', 'twice');
    await talk.card(id, '#access-approvals');
    await refuses(
      'twice 1h INC-6 again',
      `You have asked for Role twice already: ${id} is waiting for a decision.`,
      'not-open-already',
    );
    const held = await talk.live('ana', 'held');
    await refuses(
      'held 1h INC-7 again',
      `You hold Role held already, as ${held}: extend that`,
      'not-open-already',
    );
  });

  it('lets one of two requests for the same role through that come at once', async () => {
    expect(await talk.says('ana', 'done')).toContain('Thank you');
    const said = await Promise.all([1, 2, 3].map((n) => talk.says('lea', `held 1h INC-8${n} at once`)));
    expect(said.filter((text) => text.startsWith('Asked, as'))).toHaveLength(1);
    expect(said.filter((text) => text.includes('You have asked for Role held already'))).toHaveLength(2);
    const refused = (await talk.log()).filter(
      ({ action, actor, details }) =>
        action === 'request.refused' && actor.includes('lea@acme.test') && details.role === 'held',
    );
    expect(refused.map(({ details }) => details.rule)).toEqual(['not-open-already', 'not-open-already']);
  });
});

describe('while Curfew is frozen', () => {
  it('nothing can be asked for or approved, and what ends still ends; people are told', async () => {
    const pending = await talk.asks('ana', 'pending-freeze');
    const live = await talk.live('ana', 'frozen');
    await freeze(town.curfew.ctx, { on: true, actor: 'cli:root', note: null });
    await talk.line('#security-alerts', /cli:root froze Curfew: nothing new is granted/);
    await refuses(
      'direct 1h INC-9 please',
      'Nothing new is granted at the moment: an admin has frozen Curfew.',
      'frozen',
    );
    expect(await talk.says('omar', `approve ${pending}`)).toContain('an admin has frozen Curfew');
    await talk.onRecord('vote.refused', /omar@acme.test/, 'frozen');
    expect(await talk.says('ana', `extend ${live} 10m more`)).toContain('an admin has frozen Curfew');
    expect(await talk.says('ana', `done ${live}`)).toContain('Thank you');
    await talk.card(live, '#access-approvals', /Ended/);
    expect(town.vault.holds('frozen', 'ana')).toBe(false);
    await freeze(town.curfew.ctx, { on: false, actor: 'cli:root', note: null });
    await talk.line('#security-alerts', /cli:root lifted the freeze/);
    expect(await talk.says('omar', `approve ${pending}`)).toBe(`Approved ${pending} for 1 h.`);
  });
});
