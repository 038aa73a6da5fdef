/** An app that is refused is asked for again, and what the platform says then is believed only if it proves true. */
import { expect, it } from 'vitest';
import { ChatError } from '../../src/chat/port.ts';
import { watchApp } from '../../src/chat/watch-app.ts';
import { createTestDirectory } from '../support/directory.ts';
import { silent } from '../support/house.ts';

function begin() {
  const state = { now: 0, refuses: true, probes: 0 };
  const { port } = createTestDirectory();
  const refused = new ChatError('app-refused', 'missing_scope', 'No.', { outcomeKnown: true });
  const watched = watchApp(
    {
      ...port,
      async probe() {
        state.probes += 1;
      },
      async say(...rest) {
        if (state.refuses) throw refused;
        return port.say(...rest);
      },
    },
    { realNow: () => state.now, log: silent },
  );
  return {
    state,
    watched,
    say: () => watched.say('C', ['x'], { marker: 'm' }).catch((error: unknown) => error),
    async askAgain() {
      state.now += 30_000;
      await watched.askAgain();
    },
  };
}

it('a refusal that asking does not show stays shown until a message proves that it is over', async () => {
  const { state, watched, say, askAgain } = begin();
  await say();
  await askAgain();
  expect(watched.refusal()).toBeNull();
  await say();
  for (let times = 0; times < 5; times += 1) {
    await askAgain();
    expect(watched.refusal()).toMatchObject({ code: 'missing_scope' });
    expect(watched.waits()).toBe(false);
    await say();
    expect(watched.waits()).toBe(true);
  }
  expect(state.probes).toBe(1);
  state.refuses = false;
  await askAgain();
  await say();
  expect(watched.refusal()).toBeNull();
});

it('it is not shown for ever where nothing is to be said', async () => {
  const { watched, say, askAgain } = begin();
  await say();
  await askAgain();
  await say();
  for (let times = 0; times < 25; times += 1) await askAgain();
  expect(watched.refusal()).toBeNull();
});
