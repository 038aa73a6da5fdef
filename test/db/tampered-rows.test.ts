/**
 * Somebody changes rows by hand, and Curfew's next event about them follows: it says how the rows are, and so
 * would make the change look like its own.
 */
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { type Expected, takeRecord } from '../../db/ledger-expected.ts';
import { verifyRows } from '../../db/ledger-verify.ts';
import { submitRequest } from '../../src/operations/submit-request.ts';
import { askForMore, events, liveGrant } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House } from '../support/house.ts';
import { openIncident, webhook } from '../support/incident-acts.ts';
import { createIncidentSource, sightingOf } from '../support/incident-source.ts';

const shared = ledgerForFile();

const change = (house: House, statement: string) => house.ledger.tx((tx) => tx.execute(sql.raw(statement)));

const voteOf = (email: string, house: House) =>
  house.person(email).then(
    ({ id }) => `insert into votes (request_id, stage, approver_id, verdict, at)
      select id, 0, ${id}, 'approve', created_at from requests where state = 'pending'`,
  );

async function askFor(
  house: House,
  who: string,
  input: { readonly endsBy?: Date; readonly incidentId?: number },
): Promise<string> {
  const asked = await submitRequest(house.ctx, {
    deliveryKey: house.deliveryKey(),
    requester: await house.person(who),
    role: 'prod-dba',
    durationS: 3600,
    endsBy: null,
    reference: null,
    reason: 'failing over the primary',
    ...input,
  });
  if (!asked.ok) throw new Error(`refused: ${JSON.stringify(asked.refusal)}`);
  return asked.id;
}

describe('a row that was changed by hand shows after the next event about it:', () => {
  it.each([
    [
      'how long and why, of a request that waits',
      `update requests set duration_s = 14400, reason = 'as agreed' where state = 'pending'`,
      'what was asked',
    ],
    [
      'how a role is called and how risky it is',
      `update requests set role_title = 'Read-only', risk = 'low'`,
      'what was asked',
    ],
    ['where it was asked', `update requests set environment = 'test', platform = 'teams'`, 'what was asked'],
  ])('%s', async (_, statement, part) => {
    const house = await createHouse({ ledger: shared() });
    const id = await house.ask();
    await change(house, statement);
    await house.approve(id);
    await house.settle();
    // Sealed or not, the first event that differs is named.
    expect(await verifyRows(house.ledger.db)).toMatch(
      new RegExp(
        `^${id}: something else than Curfew changed ${part} between event 1 .* and event 2 \\(vote.approved\\)$`,
      ),
    );
  });

  it('a vote that nobody cast', async () => {
    const house = await createHouse({ ledger: shared() });
    const id = await house.ask();
    await change(house, await voteOf('lea', house));
    await house.approve(id);
    const problem = new RegExp(
      `^${id}: something else than Curfew changed its votes between .* \\(vote.approved\\)$`,
    );
    expect(await verifyRows(house.ledger.db)).toMatch(problem);
    await house.settle();
    expect(await verifyRows(house.ledger.db)).toMatch(problem);
  });

  it('the end of a live grant, when it is extended', async () => {
    const house = await createHouse({ ledger: shared() });
    const id = await liveGrant(house);
    await change(house, `update grants set ends_at = ends_at + interval '1 year'`);
    const more = await askForMore(house, id, 600);
    if (!more.ok) throw new Error('refused');
    await house.approve(more.id);
    await house.settle();
    expect(await verifyRows(house.ledger.db)).toBe(`${id}: its grant ends later than was approved`);
  });

  it('the beginning of a grant that is not live yet, when it is live', async () => {
    const house = await createHouse({ ledger: shared() });
    const id = await house.ask();
    await house.approve(id);
    house.vault.state.down = true;
    await house.settle();
    await change(
      house,
      `update grants set first_call_at = approved_at + interval '1 year' where state = 'starting'`,
    );
    house.vault.state.down = false;
    house.clocks.pass(120);
    await house.settle();
    expect((await house.view(id)).grant?.state).toBe('live');
    expect(await verifyRows(house.ledger.db)).toBe(`${id}: its grant ends later than was approved`);
  });

  it.each([
    [
      'by when it had to begin',
      `start_by = start_by + interval '1 year'`,
      'something else than Curfew changed what its grant was given for',
    ],
    [
      'how long it lasts',
      'duration_s = duration_s * 4',
      'its grant lasts for another time than was approved',
    ],
    ['its named end', `ends_by = now() + interval '1 year'`, 'the named end of its grant'],
  ])('of a grant, %s', async (_, set, problem) => {
    const house = await createHouse({ ledger: shared() });
    const id = await house.ask();
    await house.approve(id);
    await change(house, `update grants set ${set}`);
    await house.settle();
    expect((await house.view(id)).grant?.state).toBe('live');
    expect(await verifyRows(house.ledger.db)).toContain(`${id}: ${problem}`);
  });

  it('that it ends with an incident, whichever one took its place', async () => {
    const source = createIncidentSource();
    const house = await createHouse({ ledger: shared(), incidents: [source.source] });
    const { id: incidentId } = await openIncident(house, source);
    const asked = await askFor(house, 'ana', { incidentId });
    await house.approve(asked);
    await house.settle();
    expect(await verifyRows(house.ledger.db)).toBeNull();

    await openIncident(house, source, { key: 'P2', number: 'INC-7' });
    house.clocks.pass(60);
    const merged = sightingOf({ at: house.clocks.real(), state: 'closed', mergedInto: 'P2' });
    await webhook(house, source, merged);
    await house.settle();
    expect((await house.view(asked)).incident).toMatchObject({ key: 'P2' });
    const moved = (await events(house)).find(({ action }) => action === 'request.moved');
    expect(moved?.details).toMatchObject({ request: asked, from: { key: 'P1' }, into: { key: 'P2' } });
    expect(await verifyRows(house.ledger.db)).toBeNull();

    await change(house, 'update requests set incident_id = null');
    expect(await verifyRows(house.ledger.db)).toMatch(
      new RegExp(`^${asked}: its incident is not what event \\d+ \\(request.moved\\) left$`),
    );
    // The next event about it makes it no better.
    const more = await askForMore(house, asked, 600);
    if (more.ok) await house.approve(more.id);
    await house.settle();
    expect(await verifyRows(house.ledger.db)).toContain(`${asked}: its incident is not what event`);
  });
});

describe('rows are as their events left them', () => {
  it('with less than was asked, a named end that came near, and more time twice', async () => {
    const house = await createHouse({ ledger: shared() });
    const less = await house.ask('ana');
    await house.approve(less, 'omar', 900);
    const named = await askFor(house, 'bo', {
      endsBy: new Date(house.clocks.now().getTime() + 1_800_500),
    });
    house.clocks.pass(60);
    await house.approve(named);
    await house.settle();
    for (const [id, who] of [
      [less, 'ana'],
      [named, 'bo'],
    ] as const) {
      expect((await house.view(id)).grant?.state).toBe('live');
      const more = await askForMore(house, id, 600, who);
      if (!more.ok) throw new Error('refused');
      await house.approve(more.id, 'omar', 300);
    }
    expect(await verifyRows(house.ledger.db)).toBeNull();
  });
});

describe('votes', () => {
  const [omar, lea, eve] = ['omar', 'lea', 'eve'].map((name) => name.padEnd(32, '0')) as [
    string,
    string,
    string,
  ];
  /** What is wrong after these events, each with the votes that it says there are. */
  function problemOf(...said: [action: string, votes: string[]][]): string | null | undefined {
    const expected = new Map<string, Expected>();
    for (const [action, votes] of said)
      takeRecord(expected, { action, details: { request: 'R-1', record: { votes } } }, action);
    return expected.get('R-1')?.problem;
  }
  const wrong = expect.stringMatching(/^something else than Curfew changed its votes/);

  it.each([
    [
      'come one by one',
      [
        ['vote.approved', [omar]],
        ['vote.approved', [omar, lea]],
        ['request.approved', [omar, lea]],
      ],
      null,
    ],
    [
      'come with a denial',
      [
        ['vote.approved', [omar]],
        ['request.denied', [omar, lea]],
      ],
      null,
    ],
    ['do not come two at once', [['vote.approved', [eve, omar]]], wrong],
    [
      'do not come with what is no vote',
      [
        ['vote.approved', [omar]],
        ['request.approved', [omar, eve]],
      ],
      wrong,
    ],
    [
      'do not change',
      [
        ['vote.approved', [omar]],
        ['vote.approved', [eve, lea]],
      ],
      wrong,
    ],
    [
      'do not go',
      [
        ['vote.approved', [omar]],
        ['request.cancelled', []],
      ],
      wrong,
    ],
  ] as [string, [string, string[]][], unknown][])('%s', (_, said, problem) => {
    expect(problemOf(['request.created', []], ...said)).toEqual(problem);
  });
});
