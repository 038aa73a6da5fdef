/** Requests, votes and grants are held against the events that made them: what is changed by hand shows. */
import { describe, expect, it } from 'vitest';
import { verifyAudit } from '../../db/audit-verify.ts';
import { verifyRows } from '../../db/ledger-verify.ts';
import { askForMore } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse } from '../support/house.ts';
import { key, sealedGrant, tamper } from '../support/tampering.ts';

describe.each(['postgres', 'embedded'] as const)('a signed audit log on %s', (kind) => {
  const shared = ledgerForFile(kind, key);
  const live = () => sealedGrant(shared());

  it.each([
    [
      'the decision of a request',
      `update requests set decision = jsonb_set(decision, '{rule}', '"other"')`,
      'what was asked',
    ],
    ['its entitlements', `update requests set entitlements = '[]'`, 'what was asked'],
    ['who decided it', 'update requests set decided_by = requester_id', 'the state of the request'],
    [
      'the approver of a vote',
      'update votes set approver_id = (select requester_id from requests limit 1)',
      'its votes',
    ],
    ['what policy answered at a vote', `update votes set decision = '{}'`, 'its votes'],
    ['the risk of what was asked for', `update requests set risk = 'low'`, 'what was asked'],
    ['a vote, removed', 'delete from votes', 'its votes'],
    ["a grant's end, by a year", `update grants set ends_at = ends_at + interval '1 year'`, 'its grant'],
    ['a grant, ended by hand', `update grants set state = 'ended', ended_at = now()`, 'its grant'],
  ])('shows in the ledger: %s', async (_, statement, part) => {
    const { ledger, id, log } = await live();
    expect(await verifyRows(ledger.db)).toBeNull();
    await tamper(ledger, statement);
    expect(await verifyAudit(ledger.db, null, [key])).toMatchObject({ ok: true, events: log.length });
    expect(await verifyRows(ledger.db)).toMatch(
      new RegExp(`^${id}: ${part} is not what event \\d+ \\(.*\\) left$`),
    );
  });

  it('shows the end of a grant that is not live yet, moved beyond what was approved', async () => {
    const house = await createHouse({ ledger: shared() });
    const id = await house.ask();
    await house.approve(id);
    house.vault.state.down = true;
    await house.settle();
    expect((await house.view(id)).grant?.state).toBe('starting');
    expect(await verifyRows(house.ledger.db)).toBeNull();
    await tamper(house.ledger, `update grants set ends_at = ends_at + interval '1 year'`);
    expect(await verifyRows(house.ledger.db)).toMatch(new RegExp(`^${id}: its grant is not what event`));
  });

  it('shows a request that no event made, and one that is gone', async () => {
    const { ledger, id } = await live();
    await tamper(
      ledger,
      `insert into requests select (jsonb_populate_record(r, '{"id": "R-0000", "state": "approved"}')).* from requests r`,
    );
    expect(await verifyRows(ledger.db)).toBe('no event made R-0000, which is in the ledger');
    await tamper(ledger, `delete from requests where id = 'R-0000'`, 'delete from requests');
    expect(await verifyRows(ledger.db)).toMatch(new RegExp(`^${id} is not in the ledger, but event \\d+`));
  });

  it('holds each row against its last event, with an extension, a denial and an end', async () => {
    const { house, ledger, id } = await live();
    const more = await askForMore(house, id, 600);
    expect(more.ok).toBe(true);
    if (more.ok) await house.approve(more.id);
    expect(await verifyRows(ledger.db)).toBeNull();
    house.clocks.pass(7200);
    await house.settle();
    expect((await house.view(id)).grant?.state).toBe('ended');
    expect(await verifyRows(ledger.db)).toBeNull();
  });
});
