/** Who is served next at a target. */
import { expect, it } from 'vitest';
import { createTurns, type Turns, type Urgency } from '../../src/connectors/turns.ts';

const patience = () => new AbortController().signal;

/** Takes a turn as soon as there is one, and notes it. */
function come(turns: Turns, name: string, urgency: Urgency, order: string[], over = patience()) {
  const done = turns.take(urgency, over).then(
    (giveBack) => {
      order.push(name);
      return giveBack;
    },
    () => {
      order.push(`${name} went`);
      return () => {};
    },
  );
  return done;
}
const soon = () => new Promise(setImmediate);

it('serves first who came first, one for each turn that becomes free', async () => {
  const turns = createTurns({ places: 1 });
  const order: string[] = [];
  const all = ['a', 'b', 'c'].map((name) => come(turns, name, 'read', order));
  await soon();
  expect(order).toEqual(['a']);
  (await all[0])?.();
  await soon();
  expect(order).toEqual(['a', 'b']);
  (await all[1])?.();
  await soon();
  expect(order).toEqual(['a', 'b', 'c']);
});

it('keeps places for ends, whatever else is under way or waits', async () => {
  const turns = createTurns({ places: 8 });
  const order: string[] = [];
  for (let n = 0; n < 50; n += 1) void come(turns, 'read', 'read', order);
  for (let n = 0; n < 50; n += 1) void come(turns, 'grant', 'grant', order);
  await soon();
  // Five reads, and one place in which a grant need not wait for a read; two are kept.
  expect(order).toEqual([...Array(5).fill('read'), 'grant']);
  void come(turns, 'end', 'end', order);
  void come(turns, 'end', 'end', order);
  await soon();
  expect(order.slice(6)).toEqual(['end', 'end']);
});

it('gives a free turn to an end before a grant, and to a grant before a read', async () => {
  const turns = createTurns({ places: 1 });
  const order: string[] = [];
  const giveBack = await turns.take('read', patience());
  const waiting = (['read', 'grant', 'end'] as const).map((each) => come(turns, each, each, order));
  giveBack();
  for (const index of [2, 1, 0]) (await waiting[index])?.();
  expect(order).toEqual(['end', 'grant', 'read']);
});

it('refuses at once what comes to a full queue, and never an end', async () => {
  const turns = createTurns({ places: 1, mostWaiting: 2 });
  const order: string[] = [];
  const giveBack = await turns.take('end', patience());
  for (const name of ['a', 'b', 'c']) void come(turns, name, 'read', order);
  void come(turns, 'end', 'end', order);
  await soon();
  expect(order).toEqual(['c went']);
  giveBack();
  await soon();
  expect(order).toEqual(['c went', 'end']);
});

it('loses no turn on one who has gone, nor on one who gives it back twice', async () => {
  const turns = createTurns({ places: 1 });
  const order: string[] = [];
  const impatient = new AbortController();
  const giveBack = await turns.take('read', patience());
  void come(turns, 'a', 'read', order, impatient.signal);
  const second = come(turns, 'b', 'read', order);
  void come(turns, 'c', 'read', order);
  impatient.abort();
  giveBack();
  giveBack();
  await soon();
  expect(order).toEqual(['a went', 'b']);
  (await second)();
  await soon();
  expect(order).toEqual(['a went', 'b', 'c']);
});

it('sends everybody away once it is closed', async () => {
  const turns = createTurns({ places: 1 });
  const order: string[] = [];
  await turns.take('read', patience());
  void come(turns, 'a', 'end', order);
  turns.close();
  void come(turns, 'b', 'end', order);
  await soon();
  expect([...order].sort()).toEqual(['a went', 'b went']);
});
