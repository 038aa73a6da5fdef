/** Slack in trouble: nothing is posted twice, nothing is lost, and what cannot be posted is told somewhere else. */
import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CardIntent, intendCards } from '../../db/messages.ts';
import { cards } from '../../db/schema-messages.ts';
import { createManualClocks } from '../support/clocks.ts';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';
import { visibleText } from '../support/visible-text.ts';

const ROLES = ['lost', 'line', 'limited', 'server', 'down', 'update'];

let town: Town;
let talk: Talk;
beforeAll(async () => {
  // Slack stamps messages with the time that it is, and Curfew looks for its own from when it posted them.
  const clocks = createManualClocks(new Date(Date.now() - 7_000_000));
  const roles = [
    ...ROLES.map((key) => roleOf(key)),
    roleOf('nowhere', { channel: '#no-such-channel' }),
    roleOf('shared', { channel: '#dba' }),
    roleOf('absent-owner', { owners: ['omar@acme.test', 'left@acme.test', 'dee@acme.test'] }),
  ];
  town = await createTown({ clocks, roles });
  talk = createTalk(town);
});
afterAll(() => talk.close());
afterEach(() => town.slack.api.heal());

/** Retries come in real time. */
const retriesFallDue = () => town.passReal(70);

const calls = (method: string) => town.slack.api.calls.filter((call) => call.method === method).length;

describe('an answer that is lost', () => {
  it('leaves a card that Curfew finds again and makes its own: there is never a second one', async () => {
    town.slack.api.fail('chat.postMessage', { kind: 'answer-lost', times: 4 });
    const id = await talk.asks('ana', 'lost');
    for (const place of ['#access-approvals', 'omar', 'lea', 'ana'] as const) await talk.card(id, place);
    await town.slack.until(() => calls('chat.postMessage') >= 4, 'all four to be posted');
    await retriesFallDue();
    await talk.says('omar', `approve ${id}`);
    for (const place of ['#access-approvals', 'omar', 'lea'] as const) {
      await talk.card(id, place, /Live until/);
      expect(await talk.cards(id, place)).toHaveLength(1);
    }
    await talk.timeline(id, /Live until/);
  });

  it('leaves a line of the timeline that is not said twice', async () => {
    const id = await talk.asks('ana', 'line');
    const top = await talk.card(id, '#access-approvals');
    await talk.timeline(id, /asked for/);
    town.slack.api.fail('chat.postMessage', { kind: 'answer-lost', times: 1 });
    expect(await talk.says('ana', `cancel ${id}`)).toContain('Cancelled');
    await talk.timeline(id, /Cancelled by ana/);
    await retriesFallDue();
    const other = await talk.asks('ana', 'line');
    await talk.timeline(other, /asked for/);
    const lines = (await town.slack.thread(top)).map((message) => visibleText(message));
    expect(lines.filter((text) => text === 'Cancelled by ana.')).toHaveLength(1);
  });
});

describe('a post that fails', () => {
  it.each([
    ['too fast for Slack', 'limited', { kind: 'rate-limited', retryAfterS: 30, times: 4 }],
    ['answered with an error of the server', 'server', { kind: 'status', status: 500, times: 4 }],
    ['never received', 'down', { kind: 'down', times: 4 }],
  ] as const)('%s is made again, once', async (_how, role, fault) => {
    town.slack.api.fail('chat.postMessage', fault);
    const id = await talk.asks('ana', role);
    await town.slack.until(async () => {
      const rows = await town.ledger.db.select().from(cards).where(eq(cards.requestId, id));
      return rows.every(({ attempts }) => attempts > 0);
    }, 'all four posts to fail');
    expect(await talk.cards(id, '#access-approvals')).toEqual([]);
    await retriesFallDue();
    for (const place of ['#access-approvals', 'omar', 'lea', 'ana'] as const) {
      await talk.card(id, place);
      expect(await talk.cards(id, place)).toHaveLength(1);
    }
    await talk.timeline(id, /asked for/);
  });

  it('leaves an old state on a card until it can be changed', async () => {
    const id = await talk.asks('ana', 'update');
    await talk.card(id, '#access-approvals', /Approve/);
    town.slack.api.fail('chat.update', { kind: 'rate-limited', retryAfterS: 20, times: 100 });
    expect(await talk.says('omar', `approve ${id}`)).toContain(`Approved ${id}`);
    await town.slack.until(() => town.vault.holds('update', 'ana'), 'the access, whatever Slack does');
    town.slack.api.heal();
    await retriesFallDue();
    await talk.card(id, '#access-approvals', /Live until/);
  });
});

describe('a place where nothing can be posted', () => {
  it('a channel that is not there is named in the alerts channel, and the owners still decide', async () => {
    const id = await talk.asks('ana', 'nowhere');
    await talk.line('#security-alerts', new RegExp(`${id}.*The channel #no-such-channel was not found`));
    const copy = await talk.card(id, 'omar', /Approve/);
    expect(await talk.presses('omar', copy, 'approve')).toBe(`Approved ${id} for 1 h.`);
    await talk.card(id, 'ana', /Live until/);
  });

  it('a channel shared with outsiders gets nothing, and somebody is told', async () => {
    town.slack.api.patchChannel(town.slack.channel('dba'), { is_ext_shared: true, is_shared: true });
    const id = await talk.asks('ana', 'shared');
    await talk.line(
      '#security-alerts',
      new RegExp(`${id}.*The channel #dba is shared with outsiders, so nothing is posted there`),
    );
    await talk.card(id, 'lea', /Approve/);
    expect(await town.slack.messages('dba')).toEqual([]);
    expect(await talk.says('ana', `cancel ${id}`)).toContain('Cancelled');
    await talk.card(id, 'lea', /Cancelled by ana/);
    expect(await town.slack.messages('dba')).toEqual([]);
    town.slack.api.patchChannel(town.slack.channel('dba'), { is_ext_shared: false, is_shared: false });
  });

  it('an owner who is not in the workspace, or has left it, does not hold up the others, and somebody is told', async () => {
    const id = await talk.asks('ana', 'absent-owner');
    // Who is not there at the request is not asked; these were, and left before their cards were posted.
    expect(visibleText(await talk.card(id, 'omar', /Approve/))).not.toMatch(/left@acme.test|dee/);
    const intents = ['left@acme.test', 'dee@acme.test'].map((recipient): CardIntent => {
      return { requestId: id, audience: 'owner', platform: 'slack', recipient };
    });
    await town.ledger.tx((tx) => intendCards(tx, intents, town.clocks.real()));
    town.curfew.nudge();
    for (const { recipient } of intents)
      await talk.line(
        '#security-alerts',
        new RegExp(`${id}.*Nobody with the address ${recipient} is an active full member here`),
      );
    expect(await talk.says('omar', `approve ${id}`)).toBe(`Approved ${id} for 1 h.`);
    await talk.card(id, '#access-approvals', /Live until/);
    const told = (await town.slack.messages('security-alerts')).filter((m) => visibleText(m).includes(id));
    expect(told).toHaveLength(2);
  });

  it('a channel that is archived later is posted to again when it is back', async () => {
    const id = await talk.asks('ana', 'shared');
    const card = await talk.card(id, '#dba', /Approve/);
    town.slack.api.patchChannel(card.channel, { is_archived: true });
    expect(await talk.says('lea', `deny ${id} not now`)).toBe(`Denied ${id}.`);
    await talk.line('#security-alerts', new RegExp(`${id}.*The channel #dba was not found`));
    await talk.card(id, 'ana', /Denied/);
    town.slack.api.patchChannel(card.channel, { is_archived: false });
    await retriesFallDue();
    await talk.card(id, '#dba', /Denied/);
  });
});
