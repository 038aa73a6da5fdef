/** Curfew in one process, senders of webhooks in another, one ledger between them. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { WebhookOrder, WebhookReport } from './webhook-load.ts';
import { type BenchDatabase, createBenchDatabase, type World } from './world.ts';

const SECRET = 'webhook-secret-of-the-bench';

export interface WebhookScene {
  readonly sql: BenchDatabase['sql'];
  send(order: Omit<WebhookOrder, 'port' | 'secret'>): Promise<WebhookReport>;
  close(): Promise<void>;
}

export async function createWebhookScene(world: World): Promise<WebhookScene> {
  const database = await createBenchDatabase(world, { migrated: true });
  const env = { ...process.env, BENCH_LEDGER: database.url, BENCH_SECRET: SECRET };
  const curfew = fork(new URL('./webhooks-process.js', import.meta.url), [], { env });
  const load = fork(new URL('./webhook-load.js', import.meta.url));
  const port = await told<number>(curfew);
  return {
    sql: database.sql,
    async send(order) {
      const report = told<WebhookReport>(load);
      load.send({ ...order, port, secret: SECRET } satisfies WebhookOrder);
      return report;
    },
    async close() {
      load.kill();
      if (curfew.exitCode === null && curfew.signalCode === null) {
        curfew.send('finish');
        await once(curfew, 'exit');
      }
      await database.close();
    },
  };
}

/** The next thing that a process says; rejects when it ends without a word. */
async function told<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('A process of the bench ended.')));
  return Promise.race([once(child, 'message').then(([word]) => word as T), ended]);
}
