/** What the postgres connector does when time runs out, connections break or the server is only a copy. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import type { Urgency } from '../../src/connectors/turns.ts';
import { startPostgres } from '../../src/playground/postgres-server.ts';
import { callContext } from '../support/connector-fixture.ts';
import { type PostgresFixture, postgresFixture } from '../support/postgres-fixture.ts';

const call = (forMs = 10_000) => callContext(null, { forMs });
const absent = { direct: false, inherited: [] };

describe.each(['pg18Url', 'pg15Url'] as const)('the postgres connector on %s', (key) => {
  let fixture: PostgresFixture;
  beforeEach(async () => {
    fixture = await postgresFixture(inject(key), inject(key === 'pg18Url' ? 'pg15Url' : 'pg18Url'));
  });
  afterEach(() => fixture.tearDown());

  test.each(['grant', 'revoke'] as const)(
    'a %s whose COMMIT is held up on the line is thrown away by the server within maxLateLandingS',
    async (verb) => {
      const { admin, connector, edge, names, proxy } = fixture;
      if (verb === 'revoke') await connector.grant(edge, call());
      const before = await fixture.holds(edge);
      proxy.hold((chunk) => chunk.includes('commit\0'));
      const context = call(1_000);
      await expect(connector[verb](edge, context)).rejects.toMatchObject({
        code: 'timeout',
        outcomeKnown: false,
      });
      const latest = context.deadline.getTime() + connector.limits.maxLateLandingS * 1_000;
      await vi.waitFor(
        async () => {
          const open = await admin`select from pg_stat_activity where usename = ${names.bot}`;
          expect(open).toHaveLength(0);
        },
        { timeout: latest - Date.now(), interval: 50 },
      );
      proxy.pass();
      expect(await fixture.holds(edge)).toBe(before);
    },
  );

  test('a connection lost while COMMIT is on its way leaves the outcome unknown', async () => {
    const { connector, edge, proxy } = fixture;
    proxy.hold((chunk) => chunk.includes('commit\0'));
    const lost = expect(connector.grant(edge, call())).rejects.toMatchObject({
      kind: 'retryable',
      code: 'unavailable',
      outcomeKnown: false,
    });
    await proxy.held();
    proxy.refuse();
    await lost;
  });

  test('a grant that waits for a lock stops waiting at its deadline, on the server too', async () => {
    const { admin, connector, edge, names } = fixture;
    const release = await fixture.stall(edge);
    const working = () =>
      admin`select from pg_stat_activity where usename = ${names.bot} and state <> 'idle'`;
    const context = call(1_000);
    const granted = connector.grant(edge, context).catch((error) => error);
    await vi.waitFor(async () => expect(await working()).toHaveLength(1), { interval: 20 });
    await granted;
    const latest = context.deadline.getTime() + connector.limits.maxLateLandingS * 1_000;
    await vi.waitFor(async () => expect(await working()).toHaveLength(0), {
      timeout: latest - Date.now(),
      interval: 20,
    });
    await release();
    expect(await fixture.holds(edge)).toBe(false);
  });

  test('with connections open, a server that goes away is noticed at once, not at the deadline', async () => {
    const { connector, edge, proxy } = fixture;
    const several = () => Array.from({ length: 4 }, () => connector.inspect(edge, call()));
    await Promise.all(several());
    proxy.refuse();
    for (let n = 0; n < 6; n += 1) {
      await expect(connector.inspect(edge, call())).rejects.toMatchObject({ code: 'unavailable' });
    }
    proxy.pass();
    await Promise.all(several());
  });

  test('after one connection fell silent, no other that is as old is trusted', async () => {
    const { admin, connector, edge, names, proxy } = fixture;
    const open = () => admin`select from pg_stat_activity where usename = ${names.bot}`;
    await Promise.all(Array.from({ length: 4 }, () => connector.inspect(edge, call())));
    expect((await open()).length).toBeGreaterThan(1);
    proxy.hold();
    await expect(connector.inspect(edge, call(200))).rejects.toMatchObject({ code: 'timeout' });
    proxy.pass();
    await vi.waitFor(async () => expect(await open()).toHaveLength(0));
  });

  test('where nothing listens, the call fails at once and certainly did nothing', async () => {
    const { connector, edge, proxy } = fixture;
    await proxy.close();
    await expect(connector.grant(edge, call())).rejects.toMatchObject({
      kind: 'retryable',
      code: 'unavailable',
      outcomeKnown: true,
    });
  });

  test('more calls than connections wait for their turn, and those that wait too long say so', async () => {
    const { admin, edge, names } = fixture;
    const narrow = fixture.connect({ concurrency: 2 });
    await Promise.all(Array.from({ length: 20 }, () => narrow.inspect(edge, call())));
    const open = await admin`select from pg_stat_activity where usename = ${names.bot}`;
    expect(open).toHaveLength(2);

    const release = await fixture.stall(edge);
    const stalled = [1, 2].map(() => narrow.grant(edge, call(1_500)).catch((error) => error));
    await expect(narrow.inspect(edge, call(300))).rejects.toMatchObject({
      code: 'timeout',
      outcomeKnown: true,
    });
    const patient = narrow.inspect(edge, call());
    await Promise.all(stalled);
    expect(await patient).toEqual(absent);
    await release();
  });

  test('calls that wait for a connection are served in order, an end before them all, and leave nothing behind', async () => {
    const { edge } = fixture;
    const narrow = fixture.connect({ concurrency: 1 });
    const warnings: Error[] = [];
    const warned = (warning: Error) => void warnings.push(warning);
    process.on('warning', warned);
    const order: string[] = [];
    const inspect = (name: string, urgency: Urgency) =>
      narrow.inspect(edge, { ...call(), urgency }).then(() => order.push(name));
    const reads = Array.from({ length: 60 }, (_, n) => inspect(`read ${n}`, 'read'));
    const end = inspect('end', 'end');
    await Promise.all([...reads, end]);
    await new Promise(setImmediate);
    process.off('warning', warned);
    expect(warnings).toEqual([]);
    const inOrder = reads.map((_, n) => `read ${n}`);
    expect(order).toEqual([inOrder[0], 'end', ...inOrder.slice(1)]);
  });

  test('reads that the server holds up leave a connection to end with', async () => {
    const { edge, admin, names } = fixture;
    const narrow = fixture.connect({ concurrency: 2 });
    await narrow.grant(edge, call());
    const release = await fixture.stall(fixture.other);
    const held = [1, 2, 3].map(() =>
      narrow.grant(fixture.other, { ...call(), urgency: 'grant' }).catch((error) => error),
    );
    await vi.waitFor(async () =>
      expect(
        await admin`select from pg_stat_activity where usename = ${names.bot} and wait_event_type = 'Lock'`,
      ).toHaveLength(1),
    );
    await narrow.revoke(edge, { ...call(), urgency: 'end' });
    expect(await fixture.holds(edge)).toBe(false);
    await release();
    await Promise.all(held);
  });
});

test('a replica is not asked: it cannot be changed, and what it says may be old', async () => {
  const server = await startPostgres({ version: 18 });
  try {
    const fixture = await postgresFixture(server.url, inject('pg15Url'));
    const { connector, edge } = fixture;
    const target = await connector.targetId(call());
    await fixture.admin`checkpoint`;
    await server.kill();
    await writeFile(path.join(server.dataDir, 'standby.signal'), '');
    await server.restart();
    for (const ask of [() => connector.inspect(edge, call()), () => connector.grant(edge, call())]) {
      await expect(ask()).rejects.toMatchObject({ kind: 'retryable', code: 'read_only', outcomeKnown: true });
    }
    expect(target).toMatch(/^\d+$/);
    await fixture.tearDown();
  } finally {
    await server.stop();
  }
});

test('while a standby does not answer, a grant does not wait to appear later, and a revoke is not called done', async () => {
  const server = await startPostgres({ version: 18, flags: { synchronous_standby_names: 'ghost' } });
  try {
    const fixture = await postgresFixture(server.url, inject('pg15Url'));
    const { admin, connector, edge, names } = fixture;
    await admin.unsafe(`alter role ${names.bot} set synchronous_commit = on`);
    await connector.grant(edge, call());
    expect(await fixture.holds(edge)).toBe(true);
    const revoked = connector.revoke(edge, call(1_000));
    await expect(revoked).rejects.toMatchObject({ code: 'timeout', outcomeKnown: false });
    expect(await connector.inspect(edge, call())).toEqual({ direct: true, inherited: [] });
    await fixture.tearDown();
  } finally {
    await server.stop();
  }
});
