/**
 * A process is killed at a step between approval and confirmed absence, at every step there is, and another
 * one comes after it: nothing lost, nothing doubled, nobody told something false.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFaultGround, type FaultCase, type FaultGround } from '../support/fault-case.ts';
import { problemsAfterLife } from '../support/fault-problems.ts';
import { ChildGone, endChildren, type FaultChild, startChild } from '../support/fault-processes.ts';
import type { StepPlan } from '../support/fault-steps.ts';

let ground: FaultGround;
beforeAll(async () => {
  ground = await createFaultGround();
});
afterAll(async () => {
  await endChildren();
  await ground.close();
});

const BOUND_MS = 900_000;
const HOUR = { ledgerS: 3_600, realS: 3_600 };
const MINUTE = { ledgerS: 61, realS: 61 };
const TEN_MINUTES = { ledgerS: 601, realS: 601 };
/** When the next process comes: in either case beyond every lease of the dead. */
const SOON = MINUTE;
const AFTER_THE_END = { ledgerS: 3_700, realS: 3_700 };

interface Variant {
  readonly chat: boolean;
  readonly comesBack: typeof SOON;
  /** Which of the steps of an undisturbed life to be killed at. */
  among(steps: readonly string[]): readonly string[];
}

type Death = NonNullable<StepPlan['killAt']>;

/** From approval to absence in a process of its own. False: it was killed on the way. */
async function live(kase: FaultCase, id: string, chat: boolean, killAt: Death | null): Promise<boolean> {
  const child = startChild();
  try {
    await child.run('open', kase.plan({ chat, steps: { killAt } }));
    await child.run('approve', { who: 'omar', id, deliveryKey: 'approve' });
    await child.run('settle', null);
    await child.run('pass', HOUR);
    await child.run('settle', null);
    return true;
  } catch (error) {
    if (error instanceof ChildGone) return false;
    throw error;
  } finally {
    await child.kill();
  }
}

/** Somebody asked, and nobody has decided. */
async function ask(child: FaultChild, kase: FaultCase): Promise<string> {
  await child.run('open', kase.plan());
  const asked = await child.run('ask', { who: kase.who, deliveryKey: 'ask' });
  await child.run('close', null);
  if (!asked.ok) throw new Error(`refused: ${JSON.stringify(asked.refusal)}`);
  return asked.id;
}

/** What is wrong after one was killed there and `survivor` went on. */
async function lifeWithDeath(survivor: FaultChild, variant: Variant, killAt: Death): Promise<string[]> {
  const kase = await ground.begin();
  try {
    const id = await ask(survivor, kase);
    if (await live(kase, id, variant.chat, killAt)) return ['the step was not reached'];

    await survivor.run('open', kase.plan({ ahead: variant.comesBack, chat: variant.chat }));
    // The platform repeats what was not answered.
    const approved = await survivor.run('approve', { who: 'omar', id, deliveryKey: 'approve' });
    for (const time of [HOUR, MINUTE, TEN_MINUTES]) {
      await survivor.run('settle', null);
      await survivor.run('pass', time);
    }
    await survivor.run('settle', null);
    await survivor.run('close', null);
    if (!approved.ok) return ['the repeated approval was refused'];
    const ledger = kase.look();
    return await problemsAfterLife(kase, ledger).finally(() => ledger.close());
  } finally {
    await kase.end();
  }
}

/** The steps of a life that nobody disturbs, from approval to confirmed absence. */
async function stepsOfALife(chat: boolean): Promise<string[]> {
  const kase = await ground.begin();
  const child = startChild();
  const id = await ask(child, kase);
  const before = kase.steps().length;
  expect(await live(kase, id, chat, null)).toBe(true);
  await child.kill();
  const steps = kase.steps().slice(before);
  await kase.end();
  return steps;
}

/** Kills at each of the steps, two lives at a time. Returns where something was wrong afterwards. */
async function killAtEach(variant: Variant) {
  const steps = variant.among(await stepsOfALife(variant.chat));
  const deaths = steps.map(
    (step, i): Death => ({ step, time: steps.slice(0, i + 1).filter((each) => each === step).length }),
  );
  const wrong: (Death & { problems: string[] })[] = [];
  const left = [...deaths];
  async function work(): Promise<void> {
    const survivor = startChild();
    for (let death = left.shift(); death; death = left.shift()) {
      const problems = await lifeWithDeath(survivor, variant, death);
      if (problems.length > 0) wrong.push({ ...death, problems });
    }
    await survivor.kill();
  }
  await Promise.all([work(), work()]);
  return { steps, wrong };
}

describe('a process killed between approval and confirmed absence', () => {
  it(
    'at any step with the ledger or the target, and followed by another, leaves a life that ends as it should',
    async () => {
      const { steps, wrong } = await killAtEach({
        chat: false,
        comesBack: SOON,
        among: (all) => all.filter(notSealing),
      });
      expect(wrong).toEqual([]);
      expect(steps).toEqual(expect.arrayContaining(LANDMARKS));
    },
    BOUND_MS,
  );

  it(
    'while access begins, and followed by another only after the end, leaves nothing behind',
    async () => {
      const begins = (all: readonly string[]) =>
        all
          .filter(notSealing)
          .slice(0, all.filter(notSealing).indexOf('ledger: after the commit of grant.ending'));
      const { steps, wrong } = await killAtEach({ chat: false, comesBack: AFTER_THE_END, among: begins });
      expect(wrong).toEqual([]);
      expect(steps).toContain('target: after GRANT');
    },
    BOUND_MS,
  );

  it(
    'while it seals the log or tells its head, leaves a log that verifies',
    async () => {
      const sealing = (all: readonly string[]) => [...new Set(all.filter((step) => !notSealing(step)))];
      const { steps, wrong } = await killAtEach({ chat: false, comesBack: SOON, among: sealing });
      expect(wrong).toEqual([]);
      expect(steps).toContain('ledger: before the commit of the seal');
    },
    BOUND_MS,
  );

  it(
    'while it posts, has each message posted once all the same',
    async () => {
      // Before a post it is as after the commit that intended it: once for each kind of message is enough.
      const posting = (all: readonly string[]) => {
        const chat = [...new Set(all.filter((step) => step.startsWith('chat:')))];
        const firsts = ['before post', 'before say', 'before update'].flatMap(
          (what) => chat.find((step) => step.includes(what)) ?? [],
        );
        return [...firsts, ...chat.filter((step) => step.includes('after'))];
      };
      const { steps, wrong } = await killAtEach({ chat: true, comesBack: SOON, among: posting });
      expect(wrong).toEqual([]);
      expect(steps.filter((step) => step.includes('after post')).length).toBeGreaterThanOrEqual(5);
    },
    BOUND_MS,
  );
});

/** How often the log is sealed depends on how the sweeps fall; each kind of such a step is enough once. */
const notSealing = (step: string) => !/the seal|something unaudited/.test(step);

const LANDMARKS = [
  'ledger: before the commit of vote.approved, account.linked, request.approved',
  'ledger: after the commit of grant.attempted',
  'target: before GRANT',
  'target: after GRANT',
  'ledger: before the commit of access.granted, grant.live',
  'ledger: after the commit of grant.ending',
  'target: after REVOKE',
  'ledger: after the commit of access.removed',
  'target: after the end of sessions',
  'ledger: before the commit of sessions.ended, grant.ended',
];
