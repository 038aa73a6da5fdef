import { describe, expect, it } from 'vitest';
import { actorName } from '../../../src/playground/page/words/actor-name.ts';
import { announcements, comingAndGoing } from '../../../src/playground/page/words/announcements.ts';
import type { Snapshot } from '../../../src/playground/protocol.ts';
import { snapshotOf } from './fixtures.ts';

const NOW = Date.parse('2026-11-20T14:00:00Z');
const start = snapshotOf('start', 'omar', NOW);
const live = snapshotOf('live', 'omar', NOW);

const target = (members: string[], reachable = true) => ({ reachable, roles: [{ role: 'dba', members }] });

describe('what is read aloud', () => {
  it('is nothing when somebody comes in, or becomes somebody else', () => {
    expect(announcements(null, live)).toEqual([]);
    expect(announcements(snapshotOf('start', 'ana', NOW), live)).toEqual([]);
  });

  it('is a message that is new, and not one that was there', () => {
    const said = announcements(start, live);
    expect(said.filter((line) => line.includes('in access-approvals'))).toHaveLength(4);
    expect(announcements(live, live)).toEqual([]);
  });

  it("is not one's own message", () => {
    const [channel, ...others] = live.conversations;
    if (!channel) throw new Error('no channel');
    const [message] = channel.messages;
    if (!message) throw new Error('no message');
    const messages = [...channel.messages, { ...message, ts: 'new', from: 'omar' as const }];
    const after: Snapshot = { ...live, conversations: [{ ...channel, messages }, ...others] };
    expect(announcements(live, after)).toEqual([]);
    expect(announcements({ ...live, you: 'lea' }, { ...after, you: 'lea' })).toHaveLength(1);
  });

  it('is access that comes and goes', () => {
    expect(comingAndGoing(target([]), target(['ana']))).toEqual(['ana is now a member of dba.']);
    expect(comingAndGoing(target(['ana', 'lea']), target(['lea']))).toEqual([
      'ana is no longer a member of dba.',
    ]);
  });

  it('never takes silence for absence', () => {
    expect(comingAndGoing(target(['ana']), target([], false))).toEqual(['PostgreSQL does not answer.']);
    expect(comingAndGoing(target([], false), target([], false))).toEqual([]);
  });

  it('is a bot that goes down', () => {
    expect(announcements(live, { ...live, bot: 'down' })).toEqual(['Curfew is down.']);
  });
});

it('the log names people by name, and others as they are', () => {
  const people = [{ id: 'U0ANA', name: 'Ana' }];
  expect(actorName('slack:U0ANA ana@acme.test', people)).toBe('Ana');
  expect(actorName('slack:U0ANAX', people)).toBe('slack:U0ANAX');
  expect(actorName('curfew', people)).toBe('curfew');
});
