/** A target that fails: the request stands, people see what is true, and what was given is taken back. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';
import { visibleText } from '../support/visible-text.ts';

const ROLES = ['late', 'never', 'half', 'lost', 'raced', 'vanished', 'overdue', 'replaced'];

let town: Town;
let talk: Talk;
beforeAll(async () => {
  town = await createTown({ roles: ROLES.map((key) => roleOf(key)) });
  talk = createTalk(town);
});
afterAll(() => talk.close());
afterEach(() => {
  town.vault.state.down = false;
  town.vault.state.failAfterEffect = false;
  town.vault.onAfter(async () => {});
});

/** The moment in `minutes`, as cards show it. */
const inMinutes = (minutes: number) =>
  new Date(town.clocks.now().getTime() + minutes * 60_000).toISOString().slice(0, 16).replace('T', ' ');
/** Retries come in real time. */
const retriesFallDue = () => town.passReal(120);

describe('after the approval', () => {
  it('a target that is down is waited for, the card says so, and the access begins when it is back', async () => {
    const id = await talk.asks('ana', 'late');
    town.vault.goDownAfterNextReading();
    const latest = inMinutes(15);
    expect(await talk.says('omar', `approve ${id}`)).toBe(`Approved ${id} for 1 h.`);
    for (const place of ['#access-approvals', 'omar', 'lea', 'ana'] as const) {
      const words = `Starting: waiting for vault \\(does not answer, trying again until ${latest} UTC\\)`;
      await talk.card(id, place, new RegExp(words));
    }
    await talk.timeline(id, /ana on vault: Vault does not answer\. Trying again\./);
    town.clocks.pass(10 * 60);
    const end = inMinutes(60);
    town.vault.state.down = false;
    await retriesFallDue();
    await talk.card(id, 'ana', new RegExp(`Live until ${end} UTC`));
    expect(town.vault.holds('late', 'ana')).toBe(true);
    await talk.onRecord('connector.failed', /^curfew$/, id);
  });

  it('a target that does not come back in time fails the grant, and the requester is told that nothing was given', async () => {
    const id = await talk.asks('ana', 'never');
    town.vault.goDownAfterNextReading();
    await talk.says('omar', `approve ${id}`);
    await talk.card(id, 'ana', /does not answer/);
    town.pass(15 * 60);
    await talk.card(
      id,
      '#access-approvals',
      /Failed .*: It was not live in time, and was rolled back\. Nothing was given\./,
    );
    await talk.line('ana', new RegExp(`${id}, Role never: Failed: .* Nothing was given`));
    await talk.card(id, 'ana', /Ask again/);
    town.vault.state.down = false;
    await retriesFallDue();
    expect(await talk.says('ana', `status ${id}`)).toContain('Failed');
    expect(town.vault.holds('never', 'ana')).toBe(false);
    await talk.onRecord('grant.ending', /^curfew$/, `failed.*${id}|${id}.*failed`);
  });

  it('a call whose answer is lost is looked for, and not made twice', async () => {
    const id = await talk.asks('ana', 'lost');
    town.vault.state.failAfterEffect = true;
    await talk.says('omar', `approve ${id}`);
    await talk.card(id, 'ana', /did not answer in time, trying again/);
    const grants = town.vault.calls.filter((call) => call === 'grant').length;
    town.vault.state.failAfterEffect = false;
    await retriesFallDue();
    await talk.card(id, 'ana', /Live until/);
    expect(town.vault.calls.filter((call) => call === 'grant')).toHaveLength(grants);
  });

  it('access that landed and was never seen is taken back when the time to start is over', async () => {
    const id = await talk.asks('ana', 'half');
    town.vault.onAfter(async (call) => {
      if (call === 'grant') town.vault.state.down = true;
    });
    await talk.says('omar', `approve ${id}`);
    await talk.card(id, 'ana', /Starting: .*does not answer/);
    expect(town.vault.holds('half', 'ana')).toBe(true);
    town.pass(15 * 60);
    await talk.card(id, '#access-approvals', /NOT yet removed: vault does not answer, trying again/);
    town.vault.state.down = false;
    await retriesFallDue();
    await talk.card(id, '#access-approvals', /Failed .* What was given is taken back; absence confirmed/);
    expect(town.vault.holds('half', 'ana')).toBe(false);
  });

  it('what somebody else gave meanwhile is left alone, and the grant fails', async () => {
    const id = await talk.asks('ana', 'raced');
    // Right after the vote has looked.
    let looks = 0;
    town.vault.onBefore(async (call) => {
      if (call === 'inspect' && ++looks === 2) town.vault.put('raced', 'ana');
    });
    await talk.says('omar', `approve ${id}`);
    await talk.card(id, 'ana', /Failed .*ana held it outside Curfew before the grant began/);
    expect(town.vault.holds('raced', 'ana')).toBe(true);
    await talk.onRecord('access.held_before', /^curfew$/, id);
  });
});

describe('while it is live', () => {
  it('what somebody took away in the target is not given back: it ends, and can be asked for again', async () => {
    const id = await talk.live('ana', 'vanished');
    town.vault.take('vanished', 'ana');
    town.pass(5 * 60);
    await talk.card(id, '#access-approvals', /Ended .*taken away in the target, outside Curfew/);
    expect(town.vault.holds('vanished', 'ana')).toBe(false);
    await talk.onRecord('access.vanished', /^outside$/, id);
    const card = await talk.card(id, 'ana', /Ask again/);
    expect(visibleText(await talk.opens('ana', card, 'ask-again'))).toContain('Role vanished');
  });
});

describe('at the end', () => {
  it('a revocation that is overdue calls people, who can have it tried at once', async () => {
    const id = await talk.live('ana', 'overdue', '30m INC-50 quick');
    const end = inMinutes(30);
    town.vault.state.down = true;
    town.pass(30 * 60);
    await talk.card(
      id,
      '#access-approvals',
      new RegExp(`Ended ${end} UTC but NOT yet removed: vault does not answer`),
    );
    expect(await talk.cards(id, '#security-alerts')).toEqual([]);
    town.pass(61);
    const alert = await talk.card(
      id,
      '#security-alerts',
      /NOT yet removed: vault does not answer, trying again/,
    );
    expect(visibleText(alert)).toContain('To be removed: holder of overdue on vault, as ana');
    expect(visibleText(alert)).toContain('[Try now]');
    await talk.onRecord('grant.overdue', /^curfew$/, id);
    expect(visibleText(await talk.card(id, 'ana', /NOT yet removed/))).not.toContain('Try now');

    expect(await talk.presses('ana', alert, 'retry')).toBe(
      'You may not do this: only an owner of the role or an admin can.',
    );
    await talk.onRecord('retry.refused', /ana@acme.test/, id);
    const failures = async () =>
      (await talk.log()).filter(
        (event) => event.action === 'connector.failed' && event.details.request === id,
      );
    const before = (await failures()).length;
    expect(await talk.presses('lea', alert, 'retry')).toBe(`Trying ${id} again now.`);
    await town.slack.until(async () => (await failures()).length > before, 'one more failure');
    await talk.card(id, '#security-alerts', /NOT yet removed/);
    expect(town.vault.holds('overdue', 'ana')).toBe(true);

    town.vault.state.down = false;
    expect(await talk.presses('mia', alert, 'retry')).toBe(`Trying ${id} again now.`);
    const resolved = await talk.card(
      id,
      '#security-alerts',
      /Ended .* time was up; absence confirmed 1 min 1 s later/,
    );
    expect(visibleText(resolved)).not.toContain('[Try now]');
    expect(town.vault.holds('overdue', 'ana')).toBe(false);
    await talk.onRecord('retry.asked', /mia@acme.test/, id);
    expect(await talk.presses('omar', alert, 'retry')).toContain(`${id}: that access is over`);
    expect(await talk.cards(id, '#security-alerts')).toHaveLength(1);
  });

  it('another system under the same name is never asked to confirm, and somebody is called', async () => {
    const id = await talk.live('ana', 'replaced', '30m INC-51 quick');
    const { targetId } = town.vault.state;
    town.vault.state.targetId = 'somewhere-else';
    town.pass(30 * 60);
    await talk.line(
      '#security-alerts',
      /ana on vault is stuck: Vault is another system now\. Somebody has to look\./,
    );
    await talk.card(id, '#access-approvals', /NOT yet removed: vault is another system now/);
    town.vault.state.targetId = targetId;
    await retriesFallDue();
    await talk.card(id, '#access-approvals', /Ended .*absence confirmed/);
  });
});
