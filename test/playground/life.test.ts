/** The first minute and what can go wrong in it, through the built program as a newcomer starts it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/playground/protocol.ts';
import { descendantsOf, discard, newDirectory, type Program, startProgram } from './program.ts';
import { textOf, type Visitor, visit } from './visitor.ts';

let program: Program;
let url = '';
let ana: Visitor;
let omar: Visitor;
beforeAll(async () => {
  program = startProgram({ directory: await newDirectory() });
  url = await program.ready();
  ana = await visit(url, 'ana');
  omar = await visit(url, 'omar');
});
afterAll(async () => {
  ana?.leave();
  omar?.leave();
  await discard(program);
});

const members = ({ truth }: Snapshot, name = 'dba') =>
  truth.target.roles.find(({ role }) => role === name)?.members;
const holds = (snapshot: Snapshot) => members(snapshot)?.includes('ana') ?? false;
const over = (snapshot: Snapshot) => !holds(snapshot) && snapshot.truth.grants.length === 0;

/** From the request to real access; the new grant's id. */
async function elevate(): Promise<string> {
  await ana.say('incidents', '/elevate prod-dba 1h INC-1042 failing over the primary');
  await omar.until('the card', (s) => textOf(s, 'access-approvals').includes('"Approve"'));
  expect(await omar.press('access-approvals', 'Approve')).toEqual({ ok: true });
  const { truth } = await ana.until('real access', (s) => holds(s) && s.truth.grants[0]?.state === 'live');
  return truth.grants[0]?.id ?? '';
}

describe('the playground', () => {
  it('says where it is, how long it took, and how to end it', () => {
    expect(program.output()).toMatch(
      /The playground is ready, after \d+\.\d s\. Open http:\/\/127\.0\.0\.1:\d+\nCtrl-C ends it\.\n$/,
    );
  });

  it('leads from the first request to the end of real access, by its clock', async () => {
    expect(members(ana.seen())).toEqual([]);
    expect(ana.seen().hint).toBe(1);
    await ana.say('incidents', '/elevate prod-dba 1h INC-1042 failing over the primary');
    const asked = await omar.until('the card', (s) => textOf(s, 'access-approvals').includes('"Approve"'));
    expect((await ana.until('hint 2', (s) => s.hint === 2)).truth.next.map(({ what }) => what)).toEqual([
      expect.stringContaining("reminds the owners of Ana's request"),
      expect.stringContaining("lets Ana's request"),
    ]);
    expect(members(asked)).toEqual([]);

    await omar.press('access-approvals', 'Approve');
    const live = await ana.until('access', (s) => s.hint === 3 && s.truth.grants[0]?.state === 'live');
    expect(members(live)).toEqual(['ana']);
    expect(live.truth.grants[0]).toMatchObject({ who: 'Ana', role: 'prod-dba', note: null });
    expect(live.truth.next.map(({ what }) => what)).toContainEqual(
      expect.stringMatching(/^ends Ana's prod-dba/),
    );

    await ana.act({ do: 'advance', seconds: 3600 });
    const ended = await ana.until('the end', over);
    expect(members(ended)).toEqual([]);
    expect((await ana.until('no hint', (s) => s.hint === null)).hint).toBeNull();
    // What was sealed before the access was over says nothing of its end yet.
    const sealed = (s: Snapshot) => s.truth.audit.events.map(({ action }) => action);
    const { truth } = await ana.until(
      'the seal',
      (s) => s.truth.audit.unsealed === 0 && sealed(s).includes('grant.ended'),
    );
    expect(truth.audit.verified).toBe(true);
    expect(truth.audit.events.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['request.created', 'grant.live']),
    );
    expect(Date.parse(truth.now) - Date.parse(truth.asOf)).toBe(3_600_000);
  });

  it('shows messages by the clock that people see', async () => {
    await ana.say('incidents', 'all is well again');
    const seen = await ana.until('the words', (s) => textOf(s, 'incidents').includes('all is well again'));
    const message = seen.conversations.find(({ name }) => name === 'incidents')?.messages.at(-1);
    expect(Math.abs(Date.parse(message?.at ?? '') - Date.parse(seen.truth.now))).toBeLessThan(60_000);
  });

  it('loses nothing when the bot is killed in the middle: access goes on, and ends on time', async () => {
    const id = await elevate();
    const pidOfBot = () =>
      descendantsOf(program.child.pid ?? 0).find(({ command }) => command.includes('bot.js'))?.pid;
    const before = pidOfBot();
    const kills = await Promise.all([ana.act({ do: 'kill-bot' }), omar.act({ do: 'kill-bot' })]);
    expect(kills.map(({ ok }) => ok).sort()).toEqual([false, true]);
    const dead = await ana.until('the dead bot', (s) => s.bot === 'down');
    expect(holds(dead)).toBe(true);
    // Its end falls due while nobody is there to see to it.
    await ana.act({ do: 'advance', seconds: 3600 });
    await ana.until('the bot again', (s) => s.bot === 'running');
    const ended = await ana.until('the end', over);
    expect(ended.truth.audit.events.some(({ action }) => action === 'grant.ended')).toBe(true);
    expect(ended.truth.audit.verified).toBe(true);
    expect(pidOfBot()).not.toBe(before);
    await ana.until('the words', (s) => textOf(s, 'access-approvals').includes(id));
  });

  it('starts a bot again that ended by itself, and says so', async () => {
    const bot = descendantsOf(program.child.pid ?? 0).find(({ command }) => command.includes('bot.js'));
    process.kill(bot?.pid ?? 0, 'SIGKILL');
    await ana.until('the dead bot', (s) => s.bot === 'down');
    await ana.until('the bot again', (s) => s.bot === 'running');
    expect(program.output()).toContain('The bot ended by itself (SIGKILL) and is started again; see ');
  });

  it('keeps trying while the target is down, says why, and ends access when it is back', async () => {
    await elevate();
    await ana.act({ do: 'fault', fault: 'targetDown', on: true });
    await ana.act({ do: 'advance', seconds: 3600 });
    const stuck = await ana.until('the error', (s) => s.truth.grants[0]?.note != null);
    expect(stuck.truth.target.reachable).toBe(false);
    expect(stuck.truth.grants[0]?.state).toBe('ending');
    expect(holds(stuck)).toBe(true);
    expect(stuck.truth.next.map(({ what }) => what)).toContainEqual(
      expect.stringMatching(/^tries again, time \d+: takes ana out of dba/),
    );
    await ana.act({ do: 'fault', fault: 'targetDown', on: false });
    expect((await ana.until('the end', over)).truth.target.reachable).toBe(true);
  });

  it('takes its time while the target is slow, and gets there', async () => {
    await ana.act({ do: 'fault', fault: 'targetSlow', on: true });
    const began = performance.now();
    await elevate();
    expect(performance.now() - began).toBeGreaterThan(1_000);
    await ana.act({ do: 'fault', fault: 'targetSlow', on: false });
    await ana.act({ do: 'advance', seconds: 3600 });
    await ana.until('the end', over);
  });

  it('shows nobody what only one person is to see', async () => {
    await ana.say('incidents', '/elevate help');
    await ana.until('the answer', (s) => textOf(s, 'incidents').includes('What you can say'));
    await ana.say('incidents', '/elevate');
    await ana.until('the form', (s) => s.modals.length === 1);
    await omar.say('incidents', 'anything new?');
    const seen = await omar.until('the words', (s) => textOf(s, 'incidents').includes('anything new?'));
    expect(textOf(seen, 'incidents')).not.toContain('What you can say');
    expect(seen.modals).toEqual([]);
  });
});
