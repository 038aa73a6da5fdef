/** Where an incident is talked about, people see who asks for access because of it, and that it ends. */
import { and, eq, isNotNull } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySighting } from '../../db/incidents.ts';
import { cards } from '../../db/schema-messages.ts';
import type { Sighting } from '../../src/domain/incident.ts';
import { createIncidentSource, sightingOf, type TestSource } from '../support/incident-source.ts';
import { type SlackWorkspace, startSlackWorkspace } from '../support/slack-workspace.ts';
import { createTeamsTalk } from '../support/teams-talk.ts';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';
import { visibleText } from '../support/visible-text.ts';

const ROLES = ['life', 'later', 'merged', 'more', 'unlet-1', 'unlet-2', 'outsiders', 'elsewhere'];

let source: TestSource;
let slack: SlackWorkspace;
let town: Town;
let talk: Talk;
beforeAll(async () => {
  source = createIncidentSource();
  slack = await startSlackWorkspace();
  const same = roleOf('same', { channel: slack.channel('dba') });
  const roles = [...ROLES.map((key) => roleOf(key)), same];
  town = await createTown({ slack, incidents: [source.source], roles });
  talk = createTalk(town);
});
afterAll(async () => {
  await talk?.close();
  await slack.close();
});

const inSlack = (channel: string) => ({ platform: 'slack', id: town.slack.channel(channel) }) as const;

interface Where {
  readonly source: TestSource;
  readonly town: Pick<Town, 'clocks' | 'ledger' | 'curfew'>;
}

/** The source has it like this from now on, and says so. */
async function hears(over: Partial<Sighting>, on: Where = { source, town }): Promise<void> {
  const { clocks, ledger, curfew } = on.town;
  const sighting = on.source.says(sightingOf({ at: clocks.real(), ...over }));
  const times = { now: clocks.now(), real: clocks.real() };
  await ledger.tx((tx) => applySighting(tx, on.source.source, sighting, times, 'webhook'));
  curfew.nudge();
}

/** The lines under the card in this channel, once one of them reads so. */
async function timeline(id: string, place: '#dba' | '#access-approvals', words: RegExp): Promise<string[]> {
  const card = await talk.card(id, place);
  const lines = async () => (await town.slack.thread(card)).map((message) => visibleText(message));
  await town.slack.until(
    async () => (await lines()).some((line) => words.test(line)),
    `${words} in ${place}`,
  );
  return lines();
}

const alerts = async (words: string) =>
  (await town.slack.messages('security-alerts')).map(visibleText).filter((text) => text.includes(words));

it('shows a request from its asking to its confirmed end, in the approvals channel too', async () => {
  const incident = { key: 'P10', number: 'INC-10', channel: inSlack('dba') };
  await hears(incident);
  const id = await talk.asks('ana', 'life', '1h INC-10 failing over');
  const card = await talk.card(id, '#dba', /ana asks/);
  await town.slack.click('omar', card, 'approve');
  for (const place of ['#dba', '#access-approvals'] as const) await talk.card(id, place, /Live until/);

  town.pass(60);
  await hears({ ...incident, state: 'closed' });
  for (const place of ['#dba', '#access-approvals'] as const) {
    await talk.card(id, place, /Ended .* since INC-10 was closed; absence confirmed/);
    expect(await timeline(id, place, /Ended/)).toEqual([
      'ana asked for Role life for 1 h.',
      'Approved by omar for 1 h.',
      expect.stringMatching(/^Live until/),
      expect.stringMatching(/^Ending: .*INC-10 was closed/),
      expect.stringMatching(/^Ended: .*INC-10 was closed.* Absence confirmed/),
    ]);
    expect(await talk.cards(id, place)).toHaveLength(1);
  }
});

it('shows what already waits and what is already held, once the source says where it is talked about', async () => {
  const incident = { key: 'P11', number: 'INC-11' };
  await hears(incident);
  const held = await talk.live('ana', 'later', '1h INC-11 failing over');
  const waits = await talk.asks('omar', 'later', '1h INC-11 helping ana');
  town.pass(1);
  await hears({ ...incident, channel: inSlack('dba') });
  await talk.card(held, '#dba', /Live until/);
  await talk.card(waits, '#dba', /omar asks/);
  expect(await talk.cards(held, '#dba')).toHaveLength(1);
});

it('shows a request for more time there as well', async () => {
  await hears({ key: 'P12', number: 'INC-12', channel: inSlack('dba') });
  const id = await talk.live('ana', 'more', '1h INC-12 failing over');
  const form = await talk.opens('ana', await talk.card(id, 'ana', /Extend/), 'extend', id);
  expect(await talk.submits('ana', form, { duration: '30m', reason: 'still at it' })).toMatch(/Asked/);
  await talk.line('#dba', /ana asks for .* more/);
});

it('goes on in the channel of the incident that it was merged into', async () => {
  await hears({ key: 'P13', number: 'INC-13' });
  await hears({ key: 'P14', number: 'INC-14', channel: inSlack('dba') });
  const id = await talk.live('ana', 'merged', '1h INC-13 failing over');
  expect(await talk.cards(id, '#dba')).toEqual([]);
  town.pass(1);
  await hears({ key: 'P13', number: 'INC-13', state: 'closed', mergedInto: 'P14' });
  await talk.card(id, '#dba', /Live until/);
});

it('has one card, not two, where it is talked about in the channel that decides', async () => {
  await hears({ key: 'P15', number: 'INC-15', channel: inSlack('dba') });
  const id = await talk.live('ana', 'same', '1h INC-15 failing over');
  await talk.card(id, '#dba', /Live until/);
  expect(await talk.cards(id, '#dba')).toHaveLength(1);
});

/** What was touched last is given up in its own time; nothing goes on trying. */
const nothingWaits = (channel: string) =>
  town.slack.until(async () => (await waiting(channel)) === 0, `nothing to wait for ${channel}`);

describe('a channel that cannot have it', () => {
  it('because Curfew is not in it: approvals go on, and the alerts channel is told once to invite it', async () => {
    const channel = { platform: 'slack', id: 'C0PRIVATE00' } as const;
    await hears({ key: 'P16', number: 'INC-16', channel });
    const first = await talk.live('ana', 'unlet-1', '1h INC-16 failing over');
    await talk.live('ana', 'unlet-2', '1h INC-16 failing over', 'lea');
    await talk.line('#security-alerts', /C0PRIVATE00, where Curfew is not a member\. Invite it there/);
    await talk.says('ana', `done ${first}`);
    await talk.card(first, '#access-approvals', /Ended/);
    expect(await alerts('C0PRIVATE00')).toHaveLength(1);
    await nothingWaits('C0PRIVATE00');
  });

  it('because outsiders read it: nothing is posted there, and the alerts channel is told once', async () => {
    town.slack.api.patchChannel(town.slack.channel('dba'), { is_ext_shared: true });
    await hears({ key: 'P17', number: 'INC-17', channel: inSlack('dba') });
    const id = await talk.live('ana', 'outsiders', '1h INC-17 failing over');
    await talk.line('#security-alerts', /is shared with outsiders, so nothing is posted there/);
    expect(await talk.cards(id, '#dba')).toEqual([]);
    expect(await alerts('is shared with outsiders')).toHaveLength(1);
    await nothingWaits(town.slack.channel('dba'));
  });

  it('because nobody uses that platform: nobody is told of anything', async () => {
    await hears({ key: 'P18', number: 'INC-18', channel: { platform: 'teams', id: '19:x@thread.tacv2' } });
    await talk.live('ana', 'elsewhere', '1h INC-18 failing over');
    expect(await alerts('19:x')).toEqual([]);
    await nothingWaits('19:x@thread.tacv2');
  });
});

/** How many cards are still to be posted there. */
async function waiting(recipient: string): Promise<number> {
  const due = and(eq(cards.recipient, recipient), isNotNull(cards.dueAt));
  return (await town.ledger.db.select().from(cards).where(due)).length;
}

it('is a channel of Teams as well', async () => {
  const pager = createIncidentSource();
  const place = await createTown({
    slack: null,
    teams: true,
    incidents: [pager.source],
    roles: [roleOf('life')],
  });
  const teams = createTeamsTalk(place);
  try {
    const incident = {
      key: 'P19',
      number: 'INC-19',
      channel: { platform: 'teams', id: '19:dba@thread.tacv2' },
    } as const;
    await hears(incident, { source: pager, town: place });
    const id = await teams.asks('ana', 'life', '1h INC-19 failing over');
    await teams.card(id, '#dba', /failing over/);
    await teams.says('omar', `approve ${id}`);
    await teams.card(id, '#dba', /Live until/);
    place.pass(60);
    await hears({ ...incident, state: 'closed' }, { source: pager, town: place });
    for (const where of ['#dba', '#access-approvals'] as const)
      await teams.card(id, where, /since INC-19 was closed; absence confirmed/);
  } finally {
    await teams.close();
  }
});
