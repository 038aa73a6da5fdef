/** How much is taken from people at once, and what they are told of what is not. */
import { describe, expect, it } from 'vitest';
import type { Inbound, Reply } from '../../commands/command.ts';
import { createIntake, type IntakeOptions } from '../../commands/intake.ts';
import { DEFAULT_LIMITS } from '../../src/domain/limits.ts';
import { LaneFull } from '../../src/lane.ts';
import { createGate } from '../support/gate.ts';

const DONE: Reply = { kind: 'none' };
const BUSY = { kind: 'text', line: [expect.stringMatching(/^Busy just now, nothing was recorded/)] };
const TOO_OFTEN = { kind: 'text', line: [expect.stringMatching(/more than 30 within a minute/)] };

const by = (person: string) => ({ platform: 'slack', workspace: 'T1', userId: person }) as const;
let keys = 0;
const says = (person: string, text: string): Inbound => ({
  kind: 'words',
  key: `k${keys++}`,
  speaker: by(person),
  text,
});
const presses = (person: string, verb: 'approve' | 'revoke' | 'done' | 'deny' | 'new-request'): Inbound => ({
  kind: 'action',
  key: `k${keys++}`,
  speaker: by(person),
  verb,
  id: 'R-7K3M',
});
const sends = (person: string, form: 'request' | 'approve-less' | 'revoke'): Inbound => ({
  kind: 'form',
  key: `k${keys++}`,
  speaker: by(person),
  form,
  about: null,
  values: {},
});

/** Everything that is dispatched waits at the gate, and is written down. */
function createScene(over: Partial<IntakeOptions> = {}) {
  const gate = createGate();
  const dispatched: Inbound[] = [];
  const ending: Inbound[] = [];
  const turnedAway: string[] = [];
  let now = 0;
  const hold = (list: Inbound[]) => async (inbound: Inbound) => {
    list.push(inbound);
    await gate.pass();
    return DONE;
  };
  const intake = createIntake({
    dispatch: hold(dispatched),
    dispatchEnds: hold(ending),
    limits: { ...DEFAULT_LIMITS, requestsPerMinute: 30 },
    realNow: () => new Date(now),
    turnedAway: (why) => turnedAway.push(why),
    ...over,
  });
  return {
    gate,
    dispatched,
    ending,
    turnedAway,
    intake,
    pass: (seconds: number) => {
      now += seconds * 1000;
    },
    /** Requests of as many people, so that the number of each one counts for nothing. */
    flood: (count: number) =>
      Array.from({ length: count }, (_, n) => intake.take(says(`U${n}`, `prod-dba 1h for ${n}`))),
  };
}

/** What has been answered when everything that could go on has. */
async function answered<T>(replies: readonly Promise<T>[]): Promise<T[]> {
  const done: T[] = [];
  for (const reply of replies) void reply.then((value) => done.push(value));
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

describe('a flood from many people', () => {
  it('is done a few at a time, waits in a bounded queue, and beyond it is answered at once', async () => {
    const { gate, dispatched, turnedAway, flood } = createScene();
    const replies = flood(300);
    const refused = await answered(replies);
    expect(dispatched).toHaveLength(8);
    expect(refused).toHaveLength(300 - 8 - 100);
    for (const reply of refused) expect(reply).toMatchObject(BUSY);
    expect(new Set(turnedAway)).toEqual(new Set(['busy']));
    gate.open();
    const all = await Promise.all(replies);
    expect(all.filter((reply) => reply === DONE)).toHaveLength(108);
    expect(dispatched).toHaveLength(108);
  });

  it.each<[string, Inbound]>([
    ['done', says('omar', 'done R-7K3M')],
    ['revoke @ana', says('omar', 'REVOKE <@U1> she asked')],
    ['cancel', says('omar', 'cancel R-7K3M')],
    ['deny', says('omar', 'deny R-7K3M not now')],
    ['incident close', says('omar', 'incident close INC-1')],
    ['a click on Revoke', presses('omar', 'revoke')],
    ['a click on Done', presses('omar', 'done')],
    ['the form of Revoke', sends('omar', 'revoke')],
  ])('does not hold up %s, which goes where ends go', async (_, inbound) => {
    const { gate, ending, intake, flood } = createScene();
    const replies = flood(300);
    const end = intake.take(inbound);
    await answered(replies);
    expect(ending).toEqual([inbound]);
    gate.open();
    expect(await end).toBe(DONE);
    await Promise.all(replies);
  });

  it.each<[string, Inbound]>([
    ['an approval', presses('omar', 'approve')],
    ['a look at what one holds', says('omar', 'mine')],
    ['a form that opens', presses('omar', 'new-request')],
    ['a form that opens by saying nothing', says('omar', ' ')],
  ])('does not hold up %s either', async (_, inbound) => {
    const { gate, dispatched, intake, flood } = createScene();
    const replies = flood(300);
    const other = intake.take(inbound);
    await answered(replies);
    expect(dispatched).toContain(inbound);
    gate.open();
    await Promise.all([other, ...replies]);
  });

  it('of ends themselves is bounded too', async () => {
    const { gate, ending, intake } = createScene();
    const replies = Array.from({ length: 300 }, (_, n) => intake.take(says(`U${n}`, 'done')));
    const refused = await answered(replies);
    expect(ending).toHaveLength(8);
    expect(refused).toHaveLength(300 - 8 - 200);
    gate.open();
    await Promise.all(replies);
  });

  it('leaves a form that could not be taken open, with what was filled in', async () => {
    const { gate, intake, flood } = createScene();
    const replies = flood(300);
    const [whole, less] = [sends('omar', 'request'), sends('omar', 'approve-less')];
    expect(await intake.take(whole)).toMatchObject({
      kind: 'form-errors',
      errors: { reason: expect.stringMatching(/^Busy just now/) },
    });
    const others = Array.from({ length: 108 }, (_, n) => intake.take(says(`V${n}`, 'mine')));
    expect(await intake.take(less)).toMatchObject({
      kind: 'form-errors',
      errors: { duration: expect.stringMatching(/^Busy just now/) },
    });
    gate.open();
    await Promise.all([...replies, ...others]);
  });
});

describe('one person', () => {
  it('who sends 200 at once is told so from the thirty-first on, and takes two places of all', async () => {
    const { gate, dispatched, intake, turnedAway } = createScene();
    const replies = Array.from({ length: 200 }, (_, n) => intake.take(says('sam', `role-${n} 1h flooding`)));
    const refused = await answered(replies);
    expect(refused).toHaveLength(170);
    for (const reply of refused) expect(reply).toMatchObject(TOO_OFTEN);
    expect(new Set(turnedAway)).toEqual(new Set(['too-often']));
    expect(dispatched).toHaveLength(2);
    const other = intake.take(says('ana', 'prod-dba 1h INC-1 failing over'));
    await answered([other]);
    expect(dispatched).toHaveLength(3);
    gate.open();
    await Promise.all([other, ...replies]);
  });

  it('may go on when the minute is over', async () => {
    const { gate, intake, pass } = createScene();
    gate.open();
    for (let n = 0; n < 30; n += 1) expect(await intake.take(presses('sam', 'approve'))).toBe(DONE);
    expect(await intake.take(presses('sam', 'approve'))).toMatchObject(TOO_OFTEN);
    expect(await intake.take(presses('ana', 'approve'))).toBe(DONE);
    pass(60);
    expect(await intake.take(presses('sam', 'approve'))).toBe(DONE);
  });

  it('may end ten times as much, also right after all the rest', async () => {
    const { gate, intake } = createScene();
    gate.open();
    for (let n = 0; n < 31; n += 1) await intake.take(says('sam', 'mine'));
    for (let n = 0; n < 300; n += 1) expect(await intake.take(presses('sam', 'revoke'))).toBe(DONE);
    expect(await intake.take(presses('sam', 'revoke'))).toMatchObject({ kind: 'text' });
  });

  it('sends what fails, and the place is free again', async () => {
    const { intake } = createScene({ dispatch: () => Promise.reject(new Error('boom')) });
    for (let n = 0; n < 20; n += 1) {
      await expect(intake.take(says(`U${n}`, 'mine'))).rejects.toThrow('boom');
    }
  });
});

it('shows only so much at a time, and says when it is too much', async () => {
  const { gate, intake } = createScene();
  const looks = Array.from({ length: 300 }, (_, n) => intake.show(by(`U${n}`), () => gate.pass()));
  const settled = Promise.allSettled(looks);
  gate.open();
  const refused = (await settled).filter((look) => look.status === 'rejected');
  expect(refused).toHaveLength(300 - 4 - 100);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(LaneFull);
});
