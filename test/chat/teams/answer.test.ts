/** An answer that Teams does not take just now is tried again, in the time that Teams names, and not for ever. */
import { expect, it } from 'vitest';
import { ChatError } from '../../../src/chat/port.ts';
import { createTell, type Listening } from '../../../src/chat/teams/answer.ts';

const to: Listening = {
  place: {
    conversation: 'a:chat',
    type: 'personal',
    tenant: 't1',
    serviceUrl: 'https://teams.test/',
    message: 'm1',
    team: null,
    botIsThere: true,
  },
  sender: {
    speaker: { platform: 'teams', workspace: 't1', userId: 'u1' },
    address: '29:ana',
    name: 'Ana',
    timeZone: null,
  },
};

/** A Teams that fails so, in turn, and then takes everything. */
function tellTo(...failures: ChatError[]) {
  const waits: number[] = [];
  const told: string[] = [];
  let tries = 0;
  const { tell } = createTell({
    port: {
      direct: async () => 'a:chat',
      async answer(_to, _card, summary) {
        tries += 1;
        const failure = failures.shift();
        if (failure) throw failure;
        told.push(summary);
      },
    },
    book: { serviceUrlOf: async () => null },
    reading: { dialogs: true, listRoles: () => [] },
    log: { warn() {} },
    wait: async (ms) => void waits.push(ms),
  });
  const say = () => tell(to, { kind: 'text', line: ['Asked, as R-7K3M.'] }, { announced: true });
  return { say, waits, told, tries: () => tries };
}

const busy = (retryAfterS: number, outcomeKnown = true) =>
  new ChatError('retry', 'http_429', 'Teams wants a pause.', { retryAfterS, outcomeKnown });

it('comes once the pause is over', async () => {
  const { say, waits, told } = tellTo(busy(7), busy(0));
  await say();
  expect(told).toEqual(['Asked, as R-7K3M.']);
  expect(waits).toEqual([7_000, 1_000]);
});

it('is given up after a minute of pauses', async () => {
  const { say, waits, told, tries } = tellTo(...Array.from({ length: 10 }, () => busy(20)));
  await say();
  expect(told).toEqual([]);
  expect(waits).toEqual([20_000, 20_000, 20_000]);
  expect(tries()).toBe(4);
});

it.each([
  ['perhaps arrived', busy(1, false)],
  ['will never be taken', new ChatError('refused', 'http_400', 'no', { outcomeKnown: true })],
])('is not tried again where it %s', async (_, failure) => {
  const { say, tries, waits } = tellTo(failure);
  await say();
  expect([tries(), waits]).toEqual([1, []]);
});
