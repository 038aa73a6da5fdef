/** An incident in the playground's PagerDuty: access is for it, and ends with it, whether webhooks come or not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentStep, Snapshot } from '../../src/playground/protocol.ts';
import { discard, newDirectory, type Program, startProgram } from './program.ts';
import { textOf, type Visitor, visit } from './visitor.ts';

let program: Program;
let ana: Visitor;
let omar: Visitor;
beforeAll(async () => {
  program = startProgram({ directory: await newDirectory() });
  const url = await program.ready();
  ana = await visit(url, 'ana');
  omar = await visit(url, 'omar');
});
afterAll(async () => {
  ana?.leave();
  omar?.leave();
  await discard(program);
});

const holds = ({ truth }: Snapshot) =>
  truth.target.roles.some(({ role, members }) => role === 'dba' && members.includes('ana'));
const over = (snapshot: Snapshot) => !holds(snapshot) && snapshot.truth.grants.length === 0;
type Grant = Snapshot['truth']['grants'][number];
const step = async (what: IncidentStep) =>
  expect(await ana.act({ do: 'incident', what })).toEqual({ ok: true });
const lose = (on: boolean) => ana.act({ do: 'fault', fault: 'webhooksLost', on });

/** From an open incident that Curfew knows to real access because of it. */
async function elevate(words: string): Promise<Grant> {
  await ana.say('incidents', words);
  await omar.until('the card', (s) => textOf(s, 'access-approvals').includes('"Approve"'));
  expect(await omar.press('access-approvals', 'Approve')).toEqual({ ok: true });
  const live = await ana.until('access', (s) => holds(s) && s.truth.grants[0]?.state === 'live');
  const [grant] = live.truth.grants;
  if (!grant) throw new Error('there is no grant');
  return grant;
}

async function opens(): Promise<number> {
  await step('open');
  const { truth } = await ana.until('its webhook', (s) => s.truth.incident?.known === 'open');
  expect(truth.incident).toMatchObject({ status: 'triggered', acknowledgedBy: null, note: null });
  return truth.incident?.number ?? 0;
}

/** Nobody waits for its hour: ledger time went on by no more than was skipped. */
async function endsBecauseOf(number: number, grant: Grant): Promise<Snapshot> {
  const ended = await ana.until('the end', over);
  expect(Date.parse(grant.endsAt) - Date.parse(ended.truth.now)).toBeGreaterThan(40 * 60_000);
  const note = new RegExp(`#${number} was closed[^]*${grant.id}: Ana .* held Production.*approved by Omar`);
  await ana.until('the note', (s) => note.test(s.truth.incident?.note ?? ''));
  return ana.until('the card', (s) => textOf(s, 'access-approvals').includes(`#${number} was closed`));
}

describe('an incident', () => {
  it('is nothing to refer to before it is opened', async () => {
    expect(ana.seen().truth.incident).toBeNull();
    expect(await ana.act({ do: 'incident', what: 'resolve' })).toEqual({
      ok: false,
      error: 'There is no incident yet.',
    });
    await ana.say('incidents', '/elevate breakglass 30m something is wrong');
    await ana.until('the refusal', (s) => /needs an open incident/.test(textOf(s, 'incidents')));
    expect(ana.seen().truth.next).toEqual([]);
  });

  it('that is resolved ends access well before its time; card, log and note say why', async () => {
    const number = await opens();
    await step('acknowledge');
    const grant = await elevate(`/elevate prod-dba 1h #${number} failing over the primary`);
    expect(ana.seen().truth.incident).toMatchObject({ status: 'acknowledged', acknowledgedBy: 'Ana' });
    await step('resolve');
    await endsBecauseOf(number, grant);
    const log = await ana.until('the log', (s) =>
      s.truth.audit.events.some(({ action }) => action === 'incident.noted'),
    );
    expect(log.truth.incident).toMatchObject({ status: 'resolved', known: 'closed' });
    expect(log.truth.audit.events.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['incident.opened', 'incident.closed', 'grant.ended']),
    );
  });

  it('that is reopened can be asked for again', async () => {
    expect(await ana.act({ do: 'incident', what: 'acknowledge' })).toMatchObject({ ok: false });
    await step('reopen');
    await ana.until('its webhook', (s) => s.truth.incident?.known === 'open');
    const grant = await elevate('/elevate breakglass 1h #1042 it is back');
    await step('resolve');
    await endsBecauseOf(1042, grant);
  });

  it('whose webhooks are lost ends access too, once Curfew asks', async () => {
    const number = await opens();
    const grant = await elevate(`/elevate prod-dba 1h #${number} failing over once more`);
    await lose(true);
    await step('resolve');
    const deaf = await ana.until('the silence', (s) => s.truth.incident?.status === 'resolved');
    expect(deaf.truth.incident?.known).toBe('open');
    expect(holds(deaf)).toBe(true);
    await ana.act({ do: 'advance', seconds: 300 });
    await endsBecauseOf(number, grant);
  });

  it('that nobody could tell of, since the bot was dead as well, is asked about when it is back', async () => {
    await lose(false);
    const number = await opens();
    const grant = await elevate(`/elevate prod-dba 1h #${number} and again`);
    await lose(true);
    await ana.act({ do: 'kill-bot' });
    await step('resolve');
    await endsBecauseOf(number, grant);
  });
});
