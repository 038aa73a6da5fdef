/** Whatever comes, sweeps are not asked for without end, and no more waits than is bounded. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createIncidentInbox } from '../../src/http/incident-inbox.ts';
import { createGate } from '../support/gate.ts';
import { createRecordingLog } from '../support/recording-log.ts';

const log = { ...createRecordingLog(), child: () => log };
const entry = (eventId: string) => ({
  source: 'pager',
  eventId,
  receivedAt: new Date(0),
  reading: { kind: 'nudge' as const, eventId, key: null },
});

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

test('the first is applied at once, those that follow together, and none is forgotten', async () => {
  const nudge = vi.fn();
  const keep = createIncidentInbox({ put: async () => {}, nudge, withinMs: 1_000, log });
  for (let n = 0; n < 20; n += 1) expect(await keep(entry(`e${n}`))).toBe(true);
  expect(nudge).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(50);
  expect(nudge).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1_000);
  expect(nudge).toHaveBeenCalledTimes(2);
  await keep(entry('later'));
  expect(nudge).toHaveBeenCalledTimes(3);
});

test('while the ledger hangs 1,000 wait, at most 500 of them for one write, and the next is refused at once', async () => {
  const gate = createGate();
  const sizes: number[] = [];
  const put = async (entries: readonly unknown[]) => {
    sizes.push(entries.length);
    await gate.pass();
  };
  const keep = createIncidentInbox({ put, nudge: () => {}, withinMs: 1_000, log });
  const waiting = Array.from({ length: 1_000 }, (_, n) => keep(entry(`e${n}`)));
  expect(await keep(entry('one more'))).toBe(false);
  await gate.arrived;
  // Their senders are told; they still wait, and still count.
  vi.advanceTimersByTime(1_000);
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([false]));
  expect(await keep(entry('one more'))).toBe(false);
  gate.open();
  await vi.waitFor(async () => expect(await keep(entry('after'))).toBe(true));
  expect(sizes.slice(0, 2)).toEqual([500, 500]);
});
