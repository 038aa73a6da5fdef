/** Work of one kind never overlaps in a process, and nothing that was asked for is forgotten. */
import { expect, it } from 'vitest';
import { oneAtATime } from '../../src/reconcile/one-at-a-time.ts';

/** Work that waits to be let through. */
function heldWork() {
  const waiting: { done: () => void; fail: (error: Error) => void }[] = [];
  let begun = 0;
  let atOnce = 0;
  let most = 0;
  const work = async () => {
    begun += 1;
    atOnce += 1;
    most = Math.max(most, atOnce);
    await new Promise<void>((done, fail) => waiting.push({ done, fail })).finally(() => {
      atOnce -= 1;
    });
  };
  return { work, next: () => waiting.shift(), begun: () => begun, most: () => most };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('runs once more, and only once, for all that was asked while it ran', async () => {
  const held = heldWork();
  const { go, drain } = oneAtATime(held.work);
  const all = [go(), go(), go()];
  held.next()?.done();
  await turn();
  expect(held.begun()).toBe(2);
  held.next()?.done();
  await Promise.all(all);
  await drain();
  expect([held.begun(), held.most()]).toEqual([2, 1]);
});

it('runs again after it failed', async () => {
  const held = heldWork();
  const { go } = oneAtATime(held.work);
  const first = go();
  held.next()?.fail(new Error('no ledger'));
  await expect(first).rejects.toThrow('no ledger');
  const second = go();
  held.next()?.done();
  await second;
  expect(held.begun()).toBe(2);
});

it.each([0, 1, 2, 3, 4, 5, 6, 7])(
  'forgets nothing that is asked for %i steps after the end of a run',
  async (steps) => {
    const held = heldWork();
    const { go, drain } = oneAtATime(held.work);
    void go();
    held.next()?.done();
    for (let step = 0; step < steps; step += 1) await Promise.resolve();
    void go();
    let drained = false;
    const done = drain().then(() => {
      drained = true;
    });
    await turn();
    expect([held.begun(), held.most(), drained]).toEqual([2, 1, false]);
    held.next()?.done();
    await done;
  },
);
