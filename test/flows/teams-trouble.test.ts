/** Teams in trouble: nothing is lost, everything stays in order, and who cannot be written to is told elsewhere. */
import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../db/client.ts';
import { cards } from '../../db/schema-messages.ts';
import { startTcpProxy } from '../../src/playground/tcp-proxy.ts';
import { createTestLedger } from '../support/ledger.ts';
import { createTeamsTalk, type TeamsTalk } from '../support/teams-talk.ts';
import { startTeamsWorkspace, type TeamsWorkspace } from '../support/teams-town.ts';
import { createTown, type TeamsTown } from '../support/town.ts';
import { roleOf } from '../support/town-talk.ts';

const CHANNEL = '#access-approvals';
const ROLES = [
  'unreached',
  'thread',
  'blocked',
  'limited',
  'conflict',
  'gateway',
  'slow',
  'lost',
  'order',
  'edits',
];
const MORE = ['restart', 'down'];

let teams: TeamsWorkspace;
let town: TeamsTown;
let talk: TeamsTalk;
beforeAll(async () => {
  // Lea and Mia have not added Curfew for themselves.
  teams = await startTeamsWorkspace({ installed: ['ana', 'omar'] });
  town = await createTown({ slack: null, teams, roles: [...ROLES, ...MORE].map((key) => roleOf(key)) });
  talk = createTeamsTalk(town);
});
afterAll(async () => {
  await talk.close();
  await teams.close();
});
afterEach(() => teams.connector.heal());

/** Retries come in real time. */
const retriesFallDue = (seconds = 70) => town.passReal(seconds);

describe('somebody who has not added Curfew', () => {
  it('is reported on the card in the channel, decides there, and is shown what waits once they add it', async () => {
    const id = await talk.asks('ana', 'unreached');
    await talk.card(
      id,
      CHANNEL,
      /Not reached directly: lea\. lea has not added Curfew in Teams, or blocked it\./,
    );
    expect(talk.cards(id, 'lea')).toEqual([]);
    await talk.sees('lea', id, CHANNEL, /\[Approve\]/);

    await teams.installs('lea');
    const own = await talk.sees('lea', id, 'lea', /\[Approve\]/);
    expect((await talk.presses('lea', own, 'Approve')).text).toContain(`Approved ${id} for 1 h.`);
    const shown = await talk.card(id, CHANNEL, /Live until/);
    expect(shown.text).not.toContain('Not reached');
    teams.blocks('lea');
  });

  it('asks in the channel, reads everything under the card there, and only they have its buttons', async () => {
    const { vault } = town;
    const mias = teams.conversationOf('mia');
    expect((await teams.say('mia', 'thread 1h INC-2 from the channel', '#dba')).status).toBe(200);
    const told = await talk.line('#dba', /Asked, as R-/);
    const id = /R-\w+/.exec(told)?.[0] ?? '';
    await talk.card(id, CHANNEL, /Not reached directly/);
    // What stands under a card waits for it.
    await retriesFallDue();
    const asked = await talk.card(id, CHANNEL, /mia: this is for you\. Add Curfew to your own apps/);
    expect(asked.thread).not.toBeNull();
    expect(JSON.stringify(asked.card.msteams)).toContain('"id":"29:mia"');
    expect((await talk.seenBy('mia', asked, CHANNEL)).text).toContain('[Cancel]');
    for (const other of ['ana', 'omar'] as const)
      expect((await talk.seenBy(other, asked, CHANNEL)).text).not.toContain('[Cancel]');

    expect(await talk.says('omar', `approve ${id}`)).toContain('Approved');
    const live = await talk.sees('mia', id, CHANNEL, /\[I'm done\]/);
    expect(live.message?.thread).not.toBeNull();
    expect(vault.holds('thread', 'mia')).toBe(true);
    town.pass(55 * 60);
    const reminds = /mia: this is for you.*It ends at 2026-11-20 15:00 UTC/s;
    const reminder = await talk.seenBy('mia', await talk.card(id, CHANNEL, reminds), CHANNEL);
    expect(reminder.message?.thread).not.toBeNull();
    expect(reminder.text).toContain("[I'm done]");
    for (const message of talk.cards(id, CHANNEL)) expect(message.text).not.toContain("[I'm done]");

    expect((await talk.presses('mia', reminder, "I'm done")).text).toContain(`Thank you. ${id}`);
    await talk.card(id, CHANNEL, /mia: this is for you.*Ended .*handed back by mia/s);
    expect(vault.holds('thread', 'mia')).toBe(false);
    expect(
      [...teams.connector.messages.values()].filter(({ conversation }) => conversation === mias),
    ).toEqual([]);
  });

  it('who blocked it after it was used is told in the thread from then on, and nothing is lost', async () => {
    const id = await talk.asks('ana', 'blocked');
    await talk.card(id, 'ana', /You asked for/);
    teams.blocks('ana');
    expect(await talk.says('omar', `approve ${id}`)).toContain('Approved');
    const live = await talk.card(id, CHANNEL, /ana: this is for you/);
    expect(live.thread).not.toBeNull();
    expect((await talk.seenBy('ana', live, CHANNEL)).text).toContain("[I'm done]");
    expect(town.vault.holds('blocked', 'ana')).toBe(true);
    teams.unblocks('ana');
    expect(await talk.says('ana', `done ${id}`)).toContain('Thank you');
    await talk.card(id, CHANNEL, /Ended .*handed back by ana/);
  });
});

describe('a post that fails', () => {
  it.each([
    ['throttled', 'limited', { kind: 'answer', status: 429, headers: { 'retry-after': '2' } }],
    ['in conflict with another', 'conflict', { kind: 'answer', status: 412 }],
    ['answered by a gateway', 'gateway', { kind: 'answer', status: 502 }],
    ['out of time', 'slow', { kind: 'answer', status: 504 }],
  ] as const)('%s is made again, once', async (_how, role, fault) => {
    teams.connector.fail('send', ...Array.from({ length: 4 }, () => ({ ...fault, body: {} })));
    // The answer to Ana's words may be among the four; it is said again in its own time.
    await teams.say('ana', `${role} 1h INC-3 in trouble`);
    const id = await idOf(role);
    await teams.until(async () => {
      const rows = await town.ledger.db.select().from(cards).where(eq(cards.requestId, id));
      return rows.filter(({ attempts }) => attempts > 0).length >= 2;
    }, 'posts to fail');
    for (let round = 0; round < 3; round += 1) {
      await retriesFallDue();
      await teams.until(async () => !(await anyDue(id)), 'what is due to be posted');
    }
    for (const place of [CHANNEL, 'omar', 'ana'] as const) {
      await talk.card(id, place);
      expect(talk.cards(id, place).filter(({ thread }) => thread === null)).toHaveLength(1);
    }
    await talk.timeline(id, /asked for/);
    await talk.line('ana', new RegExp(`Asked, as ${id}`));
    expect(await talk.says('ana', `cancel ${id}`)).toContain('Cancelled');
  });

  it('and whose answer is lost is not lost itself', async () => {
    teams.connector.fail('send', { kind: 'answer-lost' }, { kind: 'answer-lost' });
    await teams.say('ana', 'lost 1h INC-4 cut off');
    const id = await idOf('lost');
    await retriesFallDue();
    for (const place of [CHANNEL, 'omar', 'ana'] as const) await talk.card(id, place);
    expect(await talk.says('omar', `approve ${id}`)).toContain('Approved');
    await talk.card(id, CHANNEL, /Live until/);
    expect(town.vault.holds('lost', 'ana')).toBe(true);
  });

  it('waits as long as Teams says, and nothing is sent to that conversation before', async () => {
    const id = await talk.asks('ana', 'edits');
    await talk.card(id, CHANNEL);
    await talk.timeline(id, /asked for/);
    const sent = () =>
      teams.connector.calls.filter(({ path }) =>
        path.includes(encodeURIComponent(teams.conversationOf(CHANNEL))),
      ).length;
    teams.connector.fail(
      'update',
      // More than there are cards: in which order they are changed is nobody's business.
      ...Array.from({ length: 20 }, () => ({
        kind: 'answer' as const,
        status: 429,
        body: {},
        headers: { 'retry-after': '600' },
      })),
    );
    expect(await talk.says('omar', `approve ${id}`)).toContain('Approved');
    await teams.until(() => town.vault.holds('edits', 'ana'), 'the access, whatever Teams does');
    await teams.until(async () => Number((await channelCard(id))?.attempts) > 0, 'the update to fail');
    teams.connector.heal();
    const after = sent();
    town.clocks.passReal(500);
    town.curfew.nudge();
    await town.curfew.reconcile.settle();
    expect(sent()).toBe(after);
    expect((await talk.card(id, CHANNEL)).text).not.toContain('Live until');
    await retriesFallDue(200);
    await talk.card(id, CHANNEL, /Live until/);
    await talk.timeline(id, /Live until/);
  });

  it('keeps the lines of a timeline in order', async () => {
    const id = await talk.asks('ana', 'order');
    await talk.timeline(id, /asked for/);
    teams.connector.fail(
      'send',
      { kind: 'answer', status: 502, body: {} },
      { kind: 'answer', status: 412, body: {} },
    );
    expect((await teams.say('omar', `approve ${id}`)).status).toBe(200);
    await teams.until(() => town.vault.holds('order', 'ana'), 'the access');
    expect((await teams.say('ana', `done ${id}`)).status).toBe(200);
    await teams.until(() => !town.vault.holds('order', 'ana'), 'the access to be gone');
    for (let round = 0; round < 4; round += 1) {
      await retriesFallDue();
      await teams.until(async () => !(await anyDue(id)), 'what is due to be posted');
    }
    const lines = await talk.timeline(id, /^Ended/);
    expect(lines.map((line) => /^(Approved|Live|Ending|Ended)|asked for/.exec(line)?.[0])).toEqual([
      'asked for',
      'Approved',
      'Live',
      'Ending',
      'Ended',
    ]);
    await talk.line('omar', new RegExp(`Approved ${id}`));
    await talk.line('ana', new RegExp(`Thank you\\. ${id}`));
  });
});

async function idOf(role: string): Promise<string> {
  const { details } = await talk.onRecord('request.created', /ana@acme.test/, `"role":"${role}"`);
  return String(details.request);
}

async function channelCard(id: string) {
  const rows = await town.ledger.db.select().from(cards).where(eq(cards.requestId, id));
  return rows.find(({ audience }) => audience === 'channel');
}

async function anyDue(id: string): Promise<boolean> {
  const rows = await town.ledger.db.select().from(cards).where(eq(cards.requestId, id));
  return rows.some(({ dueAt }) => dueAt !== null && dueAt <= town.clocks.real());
}

it('writes to everybody still after a restart, and changes the cards from before', async () => {
  const id = await talk.asks('ana', 'restart');
  await talk.card(id, CHANNEL);
  await talk.card(id, 'omar');
  const { testLedger, clocks, vault } = town;
  const next = await createTown({
    slack: null,
    teams,
    ledger: testLedger,
    clocks,
    vault,
    roles: [roleOf('restart')],
  });
  const then = createTeamsTalk(next);
  expect(await then.says('omar', `approve ${id}`)).toContain(`Approved ${id} for 1 h.`);
  for (const place of [CHANNEL, 'omar', 'ana'] as const) await then.card(id, place, /Live until/);
  expect(await then.says('ana', `done ${id}`)).toContain('Thank you');
  await then.card(id, CHANNEL, /absence confirmed/);
  await next.close();
  teams.talkTo(town.url);
});

it('says that it may not be recorded when the ledger is gone, does nothing by half, and does it when asked again', async () => {
  const direct = await createTestLedger();
  const url = new URL(direct.url);
  const proxy = await startTcpProxy(Number(url.port));
  url.port = String(proxy.port);
  const ledger = openPostgres(url.href, { max: 6 });
  const through = { ledger, url: url.href, close: () => ledger.close() };
  const own = await createTown({ slack: null, teams: true, ledger: through, roles: [roleOf('down')] });
  const speak = createTeamsTalk(own);
  try {
    const card = await speak
      .asks('ana', 'down', '1h INC-8 before')
      .then((id) => speak.sees('omar', id, CHANNEL, /\[Approve\]/));
    proxy.refuse();
    const lost = await speak.presses('omar', card, 'Approve');
    expect(lost.text).toMatch(
      /Something went wrong inside Curfew, and this may not be recorded\..*error number/,
    );
    expect(await speak.says('ana', 'down 1h INC-9 while it is gone')).toContain('this may not be recorded');
    expect(own.vault.holds('down', 'ana')).toBe(false);
    proxy.pass();
    const again = await own.teams.until(async () => {
      const { text } = await speak.presses('omar', card, 'Approve');
      return text.includes('Approved') && text;
    }, 'the ledger to be back');
    expect(again).toContain('for 1 h.');
    await own.teams.until(() => own.vault.holds('down', 'ana'), 'the access');
    const log = await speak.log();
    expect(log.filter(({ action }) => action === 'request.approved')).toHaveLength(1);
    expect(log.filter(({ details }) => details.reason === 'while it is gone')).toEqual([]);
  } finally {
    proxy.pass();
    await speak.close();
    await own.teams.close();
    await ledger.close();
    await proxy.close();
    await direct.close();
  }
});
