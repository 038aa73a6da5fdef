/** An answer that Teams does not take just now is tried again, in the time that Teams names, and not for ever. */
import { expect, it } from 'vitest';
import { ChatError } from '../../../src/chat/port.ts';
import { createTell, type Listening } from '../../../src/chat/teams/answer.ts';
import { ConnectorError } from '../../../src/chat/teams/connector-error.ts';
import { toChatError } from '../../../src/chat/teams/errors.ts';

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
  const fail = () => {
    tries += 1;
    const failure = failures.shift();
    if (failure) throw failure;
  };
  const { tell } = createTell({
    port: {
      async direct() {
        fail();
        return 'a:chat';
      },
      async answer({ conversation }, _card, summary) {
        fail();
        told.push(conversation === 'a:chat' ? summary : `to all: ${summary}`);
      },
    },
    book: { serviceUrlOf: async () => null },
    reading: { dialogs: true, listRoles: () => [] },
    log: { warn() {} },
    wait: async (ms) => void waits.push(ms),
  });
  const say = (from = to) => tell(from, { kind: 'text', line: ['Asked, as R-7K3M.'] }, { announced: false });
  return { say, waits, told, tries: () => tries };
}

const busy = (retryAfterS: number) =>
  new ChatError('retry', 'http_429', 'Teams wants a pause.', { retryAfterS, outcomeKnown: true });
const failed = (status: number, retryAfter: string | null = null) =>
  toChatError(new ConnectorError(`http_${status}`, { status, retryAfter, sent: true }), {
    method: 'answer',
    now: 0,
  });

it('comes once the pause is over', async () => {
  const { say, waits, told } = tellTo(busy(7), busy(0));
  await say();
  expect(told).toEqual(['Asked, as R-7K3M.']);
  expect(waits).toEqual([7_000, 2_000]);
});

it('is given up after a minute of pauses', async () => {
  const { say, waits, told, tries } = tellTo(...Array.from({ length: 10 }, () => busy(20)));
  await say();
  expect(told).toEqual([]);
  expect(waits).toEqual([20_000, 20_000, 20_000]);
  expect(tries()).toBe(4);
});

it.each([500, 502, 503, 504])('comes although a first try was answered with %i', async (status) => {
  const { say, waits, told } = tellTo(failed(status, '5'), failed(status));
  await say();
  expect(told).toEqual(['Asked, as R-7K3M.']);
  expect(waits).toEqual([5_000, 2_000]);
});

it('comes privately although the chat could not be opened at first', async () => {
  const { say, told } = tellTo(failed(502));
  await say({ ...to, place: { ...to.place, type: 'channel', conversation: '19:dba@thread.tacv2' } });
  expect(told).toEqual(['Asked, as R-7K3M.']);
});

it('is tried a few times a minute, not every second, where each try may have been taken', async () => {
  const { say, waits, tries } = tellTo(...Array.from({ length: 99 }, () => failed(502)));
  await say();
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
  expect(tries()).toBe(6);
});

it.each([
  ['was cut off after it was sent', failed(0)],
  ['will never be taken', failed(400)],
])('is not tried again where it %s', async (_, failure) => {
  const { say, tries, waits } = tellTo(failure);
  await say();
  expect([tries(), waits]).toEqual([1, []]);
});

it('is never said in a chat of others, in which a message extension was used', async () => {
  const closed = new ChatError('unreachable', 'never_met', 'They have to add Curfew first.', {
    outcomeKnown: true,
  });
  const { say, told } = tellTo(closed);
  await say({ ...to, place: { ...to.place, type: 'groupChat', botIsThere: false } });
  expect(told).toEqual([]);
  const inGroup = tellTo(closed);
  await inGroup.say({ ...to, place: { ...to.place, conversation: '19:group', type: 'groupChat' } });
  expect(inGroup.told).toEqual(['to all: Asked, as R-7K3M.']);
});
