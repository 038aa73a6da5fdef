/** What sources of incidents send, while the ledger is slow or down, and in a storm: nothing is lost unsaid. */
import { Agent } from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import { createGate } from '../support/gate.ts';
import { webhookCount as count, soon, webhookDoor } from '../support/webhook-door.ts';
import { beginning, nudgeBody, sendRaw, sendSigned, signed } from '../support/webhook-sender.ts';

const start = webhookDoor();

describe('a ledger', () => {
  test('that is down: the sender is to try again, and that helps once it is back', async () => {
    let down = true;
    const { port, kept, nudge, recording, counted } = await start({
      around: (put) => (entries) => (down ? Promise.reject(new Error('params: MARKER')) : put(entries)),
    });
    const body = nudgeBody('e1');
    for (let n = 0; n < 3; n += 1) {
      const answer = await sendSigned(port, body);
      expect([answer.status, Number(answer.headers['retry-after']) > 0]).toEqual([503, true]);
    }
    expect(nudge).not.toHaveBeenCalled();
    // Once for the outage, and nothing of what was sent.
    expect(recording.entries).toMatchObject([{ level: 'error' }]);
    expect(recording.text()).not.toContain('MARKER');
    down = false;
    expect((await sendSigned(port, body)).status).toBe(202);
    expect(await kept()).toHaveLength(1);
    expect(await counted()).toEqual({ [count('ledger-down')]: 3, [count('accepted')]: 1 });
  });

  test('that is slow: no answer waits for it too long, and what it keeps late is kept once', async () => {
    const gate = createGate();
    const { port, kept, nudge } = await start({
      around: (put) => async (entries) => {
        await gate.pass();
        await put(entries);
      },
      withinMs: 20,
    });
    const body = nudgeBody('e1');
    expect((await sendSigned(port, body)).status).toBe(503);
    gate.open();
    await vi.waitFor(() => expect(nudge).toHaveBeenCalled(), soon);
    expect(await kept()).toHaveLength(1);
    await vi.waitFor(async () => expect((await sendSigned(port, body)).status).toBe(202), soon);
    expect(await kept()).toHaveLength(1);
  });

  test('that will not have one of them gets the others', async () => {
    const gate = createGate();
    let writes = 0;
    const { port, kept, verified } = await start({
      around: (put) => async (entries) => {
        writes += 1;
        if (writes === 1) await gate.pass();
        if (entries.some(({ eventId }) => eventId === 'bad')) throw new Error('not this one');
        await put(entries);
      },
      withinMs: 30_000,
    });
    const first = sendSigned(port, nudgeBody('first'));
    await gate.arrived;
    const rest = ['bad', 'good', 'well'].map((id) => sendSigned(port, nudgeBody(id)));
    await vi.waitFor(() => expect(verified).toHaveLength(4), soon);
    gate.open();
    const statuses = (await Promise.all([first, ...rest])).map(({ status }) => status);
    expect(statuses).toEqual([202, 503, 202, 202]);
    expect((await kept()).map(({ eventId }) => eventId)).toEqual(['first', 'good', 'well']);
  });
});

describe('a storm', () => {
  test('is kept whole, one write at a time and many webhooks in each', async () => {
    const sizes: number[] = [];
    let writing = 0;
    const { port, kept, counted } = await start({
      around: (put) => async (entries) => {
        writing += 1;
        expect(writing).toBe(1);
        sizes.push(entries.length);
        await put(entries);
        writing -= 1;
      },
      withinMs: 30_000,
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 100 });
    const answers = await Promise.all(
      Array.from({ length: 2_000 }, (_, n) => sendSigned(port, nudgeBody(`e${n}`), agent)),
    );
    agent.destroy();
    expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
    expect(await kept()).toHaveLength(2_000);
    expect(await counted()).toEqual({ [count('accepted')]: 2_000 });
    expect(sizes.length).toBeLessThan(1_000);
  });

  test('of senders who never finish, 500 at once, keeps no genuine webhook out', async () => {
    const { port, kept, counted } = await start();
    const headers = { ...signed('x'), 'content-length': '100' };
    const silent = await Promise.all(
      Array.from({ length: 500 }, () => sendRaw(port, beginning(headers, 'x'))),
    );
    expect((await sendSigned(port, nudgeBody('e1'))).status).toBe(202);
    for (const socket of silent) socket.destroy();
    await vi.waitFor(async () => expect((await counted())[count('broken-off')]).toBe(500), soon);
    expect((await kept()).map(({ eventId }) => eventId)).toEqual(['e1']);
  });

  test('of genuine ones while the ledger hangs: past 500 the next is told to come back, and can once it answers', async () => {
    const gate = createGate();
    const { port, kept, verified } = await start({
      around: (put) => async (entries) => {
        await gate.pass();
        await put(entries);
      },
      withinMs: 30_000,
    });
    const taken = Array.from({ length: 500 }, (_, n) => sendSigned(port, nudgeBody(`e${n}`)));
    await vi.waitFor(() => expect(verified).toHaveLength(500), soon);
    const refused = await sendSigned(port, nudgeBody('late'));
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5']);
    gate.open();
    expect((await Promise.all(taken)).filter(({ status }) => status !== 202)).toEqual([]);
    expect((await sendSigned(port, nudgeBody('late'))).status).toBe(202);
    expect(await kept()).toHaveLength(501);
  });
});
