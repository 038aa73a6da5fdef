/** What there is to know: one's own access, what waits, what can be asked for, who holds what, and help. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERBS } from '../../src/domain/verbs.ts';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';

let town: Town;
let talk: Talk;
let live = '';
let pending = '';
beforeAll(async () => {
  const roles = [
    ...['held', 'asked'].map((key) => roleOf(key)),
    roleOf('secret', { requesters: ['lea@acme.test'] }),
    roleOf('leas', { owners: ['lea@acme.test'] }),
  ];
  town = await createTown({ roles });
  talk = createTalk(town);
  live = await talk.live('ana', 'held', '1h INC-70 at work');
  pending = await talk.asks('ana', 'asked', '30m INC-71 more to do');
});
afterAll(() => talk.close());

describe('mine', () => {
  it('shows what I hold until when, and what I asked for', async () => {
    const mine = await talk.says('ana', 'mine');
    expect(mine).toContain(`• Role held: live until 2026-11-20 15:00 UTC (${live})`);
    expect(mine).toContain(`• 30 min of Role asked (${pending}), lapses 2026-11-20 22:00 UTC`);
  });

  it('shows nothing of anybody else', async () => {
    const mine = await talk.says('lea', 'mine');
    expect(mine).toContain('You hold nothing from Curfew just now.');
    expect(mine).toContain('No request of yours waits.');
  });
});

it('pending shows what waits for me, and what I wait for', async () => {
  const omar = await talk.says('omar', 'pending');
  expect(omar).toContain(`• ana: 30 min of Role asked (${pending})`);
  const ana = await talk.says('ana', 'pending');
  expect(ana).toContain('Nothing waits for your decision.');
  expect(ana).toContain(pending);
  expect(await talk.says('mia', 'pending')).not.toContain(pending);
});

it('roles lists what I can ask for, all of it or what is like a word', async () => {
  const all = await talk.says('ana', 'roles');
  expect(all).toContain('• held Role held: high risk, production, at most 4 h');
  expect(all).not.toContain('secret');
  expect(await talk.says('lea', 'roles SECR')).toContain('• secret Role secret');
  expect(await talk.says('ana', 'roles SECR')).toContain('No role is like “SECR”.');
});

describe('who', () => {
  it('shows owners and admins who holds a role, and holders themselves', async () => {
    const line = `• ana: live until 2026-11-20 15:00 UTC (${live})`;
    for (const who of ['omar', 'mia', 'ana'] as const)
      expect(await talk.says(who, 'who held')).toContain(line);
    expect(await talk.says('omar', 'who asked')).toContain('Nobody holds it through Curfew.');
  });

  it('says no to others, and names the nearest where there is no such role', async () => {
    const no = 'You may not see who holds this role: only its owners and admins can.';
    expect(await talk.says('ana', 'who leas')).toBe(no);
    expect(await talk.says('omar', 'who leas')).toBe(no);
    expect(await talk.says('omar', 'who hold')).toBe('There is no role hold. Did you mean held?');
    expect(await talk.says('omar', 'who')).toBe('Say which role: who prod-dba.');
  });
});

describe('status', () => {
  it('shows one request to its parties, owners and admins, with nothing to press', async () => {
    for (const who of ['ana', 'omar', 'lea', 'mia'] as const) {
      const status = await talk.says(who, `status ${live}`);
      expect(status).toContain('Live until 2026-11-20 15:00 UTC, approved by omar.');
      expect(status).not.toContain('[');
    }
  });

  it('tells nobody else that there is such a request', async () => {
    const leas = await talk.asks('ana', 'leas');
    expect(await talk.says('omar', `status ${leas}`)).toBe(
      await talk.says('omar', 'status R-ZZZZ').then((text) => text.replace('R-ZZZZ', leas)),
    );
    expect(await talk.says('omar', 'status')).toContain("Give the request's id");
  });
});

it('help names every verb and needs nobody to be known', async () => {
  const help = await talk.says('sam', 'help');
  for (const verb of VERBS) expect(help).toContain(`/elevate ${verb}`);
  expect(help).toContain('/elevate ROLE DURATION [REFERENCE] REASON asks for access');
});

it('says that no source of incidents is configured, where there is none to list any of', async () => {
  const none = 'Curfew cannot do that here: no source of incidents is configured.';
  expect(await talk.says('mia', 'incidents')).toBe(none);
  expect(await talk.says('mia', 'incident')).toBe('Say incident open INC-1042, or incident close INC-1042.');
});
