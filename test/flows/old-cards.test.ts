/** A click is judged by the catalog of today: what has changed since the request was made cannot be approved. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createManualClocks } from '../support/clocks.ts';
import { createTestLedger, type TestLedger } from '../support/ledger.ts';
import { type SlackWorkspace, startSlackWorkspace } from '../support/slack-workspace.ts';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';
import { createVault } from '../support/vault.ts';
import { visibleText } from '../support/visible-text.ts';

let ledger: TestLedger;
let slack: SlackWorkspace;
let town: Town;
let talk: Talk;
const ids = new Map<string, string>();
const id = (role: string) => ids.get(role) ?? '';

beforeAll(async () => {
  ledger = await createTestLedger();
  slack = await startSlackWorkspace();
  const shared = { ledger, slack, clocks: createManualClocks(), vault: createVault() };
  const names = ['gone', 'changed', 'shorter', 'other-owner', 'expired'] as const;
  const before = await createTown({ ...shared, roles: names.map((key) => roleOf(key)) });
  const old = createTalk(before);
  for (const name of names) {
    ids.set(name, await old.asks('ana', name, '2h INC-40 before the change'));
    await old.card(id(name), '#access-approvals', /Approve/);
  }
  await before.close();
  const wider = [{ connector: 'vault', permission: { key: 'superuser' } }];
  const roles = [
    roleOf('changed', { entitlements: wider }),
    roleOf('shorter', { maxDurationS: 3600 }),
    roleOf('other-owner', { owners: ['lea@acme.test'] }),
    roleOf('expired', { recertifyBy: '2026-11-19' }),
  ];
  town = await createTown({ ...shared, roles });
  talk = createTalk(town);
});
afterAll(async () => {
  await talk.close();
  await ledger.close();
  await slack.close();
});

async function approve(role: string, who: 'omar' | 'lea' = 'omar'): Promise<string> {
  const card = await talk.card(id(role), '#access-approvals', /Approve/);
  return talk.presses(who, card, 'approve');
}

it('denies what was asked for a role that left the catalog, and the card says so', async () => {
  expect(await approve('gone')).toBe(
    `Asked again at the vote, the answer to ana is no: This role is not in the catalog any more. (${id('gone')})`,
  );
  const card = await talk.card(id('gone'), '#access-approvals', /This role is not in the catalog any more/);
  expect(visibleText(card)).not.toContain('[Approve]');
  expect(town.vault.holds('gone', 'ana')).toBe(false);
  expect(await talk.says('ana', `cancel ${id('gone')}`)).toContain('is denied already');
});

it('denies what would now give something else', async () => {
  expect(await approve('changed')).toContain('What this role gives has changed since it was asked for');
  await talk.onRecord(
    'request.denied',
    /./,
    `role-unchanged.*${id('changed')}|${id('changed')}.*role-unchanged`,
  );
  expect(town.vault.calls).not.toContain('grant');
  await talk.line(
    'ana',
    new RegExp(`${id('changed')}.*What this role gives has changed since it was asked for`),
  );
  expect(await talk.says('omar', `deny ${id('changed')} ask anew`)).toContain('was denied already');
});

it('refuses to approve for longer than is allowed now, and takes less', async () => {
  expect(await approve('shorter')).toContain('The role is given for less time now: approve it for less.');
  const card = await talk.card(id('shorter'), '#access-approvals', /Approve/);
  const form = await talk.opens('omar', card, 'approve-less');
  expect(await talk.submits('omar', form, { duration: '1h' })).toBe(`Approved ${id('shorter')} for 1 h.`);
});

it('refuses an owner of yesterday, and takes the one of today', async () => {
  expect(await approve('other-owner')).toContain('Only an owner of Role other-owner can decide this.');
  expect(await approve('other-owner', 'lea')).toBe(`Approved ${id('other-owner')} for 2 h.`);
});

it('refuses a role whose recertification has run out since', async () => {
  expect(await approve('expired')).toContain('its owners were to recertify it by 2026-11-19');
});
