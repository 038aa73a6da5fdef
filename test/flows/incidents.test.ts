/** Access that is given for an incident: it ends when the incident does, and everybody reads why. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putInbox } from '../../db/incidents.ts';
import type { Sighting } from '../../src/domain/incident.ts';
import { createManualClocks } from '../support/clocks.ts';
import { createScriptedIncidents, type ScriptedIncidents } from '../support/scripted-incidents.ts';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';
import { visibleText } from '../support/visible-text.ts';

let town: Town;
let talk: Talk;
let pagerduty: ScriptedIncidents;
beforeAll(async () => {
  const clocks = createManualClocks();
  pagerduty = createScriptedIncidents({ real: clocks.real });
  const keys = ['told', 'polled', 'waits', 'ticket', 'chosen', 'both', 'by-hand', 'again'];
  const roles = [...keys.map((key) => roleOf(key)), roleOf('needs', { requiresIncident: true })];
  town = await createTown({ roles, clocks, incidents: [pagerduty.source] });
  talk = createTalk(town);
});
afterAll(() => talk.close());

let events = 0;

/** A webhook came in. */
async function tells(number: string, over: Partial<Sighting>): Promise<void> {
  const eventId = `event-${++events}`;
  const reading = { kind: 'sighting', eventId, sighting: pagerduty.has(number, over) } as const;
  const receivedAt = town.clocks.real();
  await putInbox(town.ledger.db, [{ source: 'pagerduty', eventId, receivedAt, reading }]);
  town.curfew.nudge();
}

describe('when the incident is over', () => {
  it('access ends long before its time, and every card, the thread and the log say why', async () => {
    pagerduty.has('INC-1');
    const id = await talk.asks('ana', 'told', '4h INC-1 failing over');
    const asked = visibleText(await talk.card(id, '#access-approvals', /its close ends this access/));
    expect(asked).toMatch(/INC-1 · sev1 · payments · open since/);
    await talk.says('omar', `approve ${id}`);
    await talk.card(id, 'ana', /Live until .*INC-1 · sev1/s);
    expect(town.vault.holds('told', 'ana')).toBe(true);
    expect(await talk.says('ana', 'mine')).toMatch(/live until .*, or until INC-1 closes/);

    town.pass(600);
    await tells('INC-1', { state: 'closed' });
    for (const place of ['#access-approvals', 'ana'] as const)
      await talk.card(id, place, /Ended .* since INC-1 was closed; absence confirmed/);
    expect(town.vault.holds('told', 'ana')).toBe(false);
    await talk.timeline(id, /Ending: since INC-1 was closed\./);
    const ending = await talk.onRecord('grant.ending', /^curfew$/, id);
    expect(ending.details).toMatchObject({ reason: 'incident', reference: 'INC-1' });
  });

  it('a poll ends it where no webhook ever comes', async () => {
    pagerduty.has('INC-2');
    const id = await talk.live('ana', 'polled', '4h INC-2 failing over');
    pagerduty.has('INC-2', { state: 'closed' });
    town.pass(301);
    await talk.card(id, '#access-approvals', /Ended .* since INC-2 was closed; absence confirmed/);
    expect(town.vault.holds('polled', 'ana')).toBe(false);
  });

  it('what waits for a decision is cancelled, and nobody can approve it any more', async () => {
    pagerduty.has('INC-3');
    const id = await talk.asks('ana', 'waits', '1h INC-3 failing over');
    await talk.card(id, '#access-approvals', /Approve/);
    town.pass(1);
    await tells('INC-3', { state: 'closed' });
    const card = await talk.card(id, '#access-approvals', /Cancelled .*The incident INC-3 was closed\./s);
    expect(visibleText(card)).not.toContain('[Approve]');
    expect(await talk.says('omar', `approve ${id}`)).toContain('It was cancelled');
    expect(town.vault.holds('waits', 'ana')).toBe(false);
  });

  it('and is reopened later, the form to ask again has it chosen', async () => {
    pagerduty.has('INC-4');
    const id = await talk.live('ana', 'again', `1h ${pagerduty.urlOf('INC-4')} failing over`);
    town.pass(1);
    await tells('INC-4', { state: 'closed' });
    const ended = await talk.card(id, 'ana', /Ended .* since INC-4 was closed/);
    expect(visibleText(ended)).not.toContain('[Ask again]');
    town.pass(1);
    await tells('INC-4', { state: 'open' });
    const card = await talk.card(id, 'ana', /\[Ask again\]/);
    const view = await talk.opens('ana', card, 'ask-again');
    expect(JSON.stringify(view.blocks)).toMatch(/"initial_option":[^}]*"INC-4 Title of INC-4"/);
    expect(await talk.submits('ana', view)).toMatch(/^Asked, as R-/);
    await talk.line('#access-approvals', /ana asks for Role again[\s\S]*INC-4 · sev1/);
  });
});

describe('a reference', () => {
  it('to a closed incident, or to none that its source knows, is refused with that reason', async () => {
    pagerduty.has('INC-10', { state: 'closed' });
    expect(await talk.says('ana', 'ticket 1h INC-10 please')).toMatch(
      /^The incident INC-10 is closed \(so says pagerduty\)\. \(R-\w+\)$/,
    );
    expect(await talk.says('ana', 'ticket 1h INC-11 please')).toMatch(
      /^There is no incident INC-11 at pagerduty\. \(R-\w+\)$/,
    );
    await talk.onRecord('request.refused', /ana@acme.test/, 'incident-open');
  });

  it('that cannot be looked up is refused, and says why', async () => {
    pagerduty.is('down');
    expect(await talk.says('ana', 'ticket 1h INC-12 please')).toContain(
      'This could not be checked, so it is refused: pagerduty cannot be reached.',
    );
    pagerduty.is(null);
  });

  it('that no source takes for its own is kept as a ticket', async () => {
    const id = await talk.asks('ana', 'ticket', '1h JIRA-88 cleaning up');
    expect(visibleText(await talk.card(id, '#access-approvals'))).toContain('JIRA-88');
  });

  it('has to be an open incident where the role needs one', async () => {
    expect(await talk.says('ana', 'needs 1h JIRA-88 please')).toContain(
      'Role needs needs an open incident, and no source of incidents knows JIRA-88.',
    );
    // Whoever may declare a drill cannot lift the rule with it, whether Curfew heard of it or asks.
    pagerduty.has('INC-14', { nature: 'test' });
    await tells('INC-15', { nature: 'retrospective' });
    expect(await talk.says('ana', 'needs 1h INC-14 please')).toContain('INC-14 is a test.');
    expect(await talk.says('ana', 'needs 1h INC-15 please')).toContain('INC-15 was entered afterwards.');
    expect(await talk.says('ana', 'incidents')).toContain('INC-15 Title of INC-15: entered afterwards, sev1');
    pagerduty.has('INC-13');
    await talk.asks('ana', 'needs', '1h INC-13 please');
  });
});

describe('the form', () => {
  it('offers the open incidents first, and takes the one that is chosen', async () => {
    await tells('INC-20', { title: 'Checkout is down' });
    const offered = async () => {
      await talk.says('ana', '');
      const view = talk.form('ana');
      return visibleText(view).includes('( ) INC-20 Checkout is down: sev1, payments, open for')
        ? view
        : null;
    };
    const view = await town.slack.until(offered, 'INC-20 to be offered');
    const [value] = JSON.stringify(view.blocks).match(/\d+:INC-20/) ?? [];
    const filled = { role: 'chosen', duration: '1h', incident: value ?? '', reason: 'failing over' };
    expect(await talk.submits('ana', view, { ...filled, reference: 'JIRA-1' })).toBe(
      'reference: You chose INC-20 above: choose one, or write here, not both.',
    );
    const said = await talk.submits('ana', view, { ...filled, reference: 'INC-20' });
    const id = /Asked, as (R-\w+)/.exec(said)?.[1] ?? '';
    await talk.card(id, '#access-approvals', /INC-20 · sev1 · payments/);
    const created = await talk.onRecord('request.created', /ana@acme.test/, id);
    expect(created.details).toMatchObject({ reference: 'INC-20' });
  });

  it('says nothing of them to a guest, who could ask for nothing', async () => {
    await tells('INC-21', { title: 'Vault is open' });
    const offered = async () => {
      await talk.says('lea', '');
      return visibleText(talk.form('lea')).includes('Vault is open') || null;
    };
    await town.slack.until(offered, 'INC-21 to be offered to who may ask');
    await talk.says('sam', '');
    expect(visibleText(talk.form('sam'))).not.toMatch(/Open incident|INC-21|Vault is open/);
  });

  it('opens without them while the ledger does not answer', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let locked = () => {};
    const isLocked = new Promise<void>((resolve) => {
      locked = resolve;
    });
    const lock = town.ledger.tx(async (tx) => {
      await tx.execute(sql`lock table incidents in access exclusive mode`);
      locked();
      await released;
    });
    await isLocked;
    try {
      expect(await talk.says('lea', '')).toBe('');
      expect(visibleText(talk.form('lea'))).not.toContain('Open incident');
    } finally {
      release();
      await lock;
    }
  });
});

describe('by hand', () => {
  it('an admin opens one, and its close ends what was given for it', async () => {
    expect(await talk.says('omar', 'incident open OPS-7')).toBe(
      'You may not open or close incidents by hand: only an admin can.',
    );
    expect(await talk.says('mia', 'incident open ops-7 Fire in the cellar')).toContain('Opened OPS-7.');
    const id = await talk.live('ana', 'by-hand', '4h OPS-7 putting it out');
    await talk.card(id, '#access-approvals', /OPS-7 · opened by hand · open since/);
    town.pass(60);
    expect(await talk.says('mia', 'incident close OPS-7')).toContain('Closed OPS-7.');
    await talk.card(id, 'ana', /Ended .* since OPS-7 was closed; absence confirmed/);
    expect(town.vault.holds('by-hand', 'ana')).toBe(false);
    await talk.onRecord('incident.closed-by-hand', /mia@acme.test/, 'OPS-7');
  });

  it('nobody closes what is a source’s own', async () => {
    pagerduty.has('INC-30');
    expect(await talk.says('mia', 'incident close INC-30')).toBe(
      'INC-30 is an incident of pagerduty: it is opened and closed there.',
    );
  });
});

describe('who asks which incidents are open', () => {
  it('reads what the source has, and what it could not be asked', async () => {
    pagerduty.has('INC-40', { title: 'Search is slow' });
    const line = 'INC-40 Search is slow: sev1, payments, open for 25 min, acknowledged by Omar';
    expect(await talk.says('lea', 'incidents')).toContain(line);
    pagerduty.is('down');
    const said = await talk.says('lea', 'incidents');
    expect(said).toContain('Pagerduty cannot be reached.');
    expect(said).not.toContain('INC-40');
    expect(said).toContain('INC-20');
    pagerduty.is(null);
  });
});
