/** (c) `/elevate` by signed HTTP, durable and answered, beside a Bolt command that only says it has arrived. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { LoadOrder, LoadReport } from './load-process.ts';
import { startSlackStub } from './slack-stub.ts';
import { type Figure, spread } from './table.ts';
import { createBenchDatabase, type World } from './world.ts';

const CONNECTIONS = 32;
const SIGNING_SECRET = 'signing-secret-of-the-bench';

export async function elevate(world: World): Promise<Figure[]> {
  const database = await createBenchDatabase(world, { migrated: true });
  const slack = await startSlackStub();
  try {
    const env = { BENCH_LEDGER: database.url, BENCH_SLACK_API: slack.apiUrl };
    world.say(`/elevate over ${CONNECTIONS} connections for ${world.sizes.loadS} s`);
    const { report } = await under('curfew', env, ['Asked, as', 'Not recorded yet'], world.sizes.loadS);
    const [kept] = await database.sql<{ requests: number; cards: number }[]>`select
      (select count(*)::int from requests where state = 'pending') as requests,
      (select count(*)::int from cards where message is not null) as cards`;
    if (!kept || kept.requests < report.latencies.length) {
      throw new Error(`${report.latencies.length} were answered, ${kept?.requests} stand in the ledger.`);
    }
    world.say('the same load on a bare Bolt command');
    const bare = await under('bare', env, ['', null], world.sizes.loadS);
    return [
      {
        part: 'c',
        what: 'Curfew: /elevate, durable and answered',
        perSecond: report.latencies.length / report.seconds,
        ...spread(report.latencies),
        note: `Signed HTTP through Bolt into one process, ${CONNECTIONS} connections from another; 500 people, 200 roles, each request accepted and committed (10 connections to the ledger). Slack’s Web API is a stub without limits, to which ${kept.cards.toLocaleString('en-GB')} cards were posted meanwhile by the same process. Beside these, ${report.late} were answered “Not recorded yet” after 2.5 s.`,
      },
      {
        part: 'c',
        what: 'bare Bolt: a command that only acks',
        perSecond: bare.report.latencies.length / bare.report.seconds,
        ...spread(bare.report.latencies),
        note: 'The same load generator, requests and receiver; nothing is looked up or kept. A limit, not a peer.',
      },
    ];
  } finally {
    await slack.close();
    await database.close();
  }
}

/** Runs the bot in one process and the load in another. */
async function under(
  bot: 'curfew' | 'bare',
  env: Readonly<Record<string, string>>,
  [expects, late]: readonly [string, string | null],
  seconds: number,
): Promise<{ report: LoadReport }> {
  const server = fork(new URL('./elevate-process.js', import.meta.url), [bot], {
    env: { ...process.env, ...env, BENCH_SIGNING_SECRET: SIGNING_SECRET },
  });
  const load = fork(new URL('./load-process.js', import.meta.url));
  try {
    const [port] = (await once(server, 'message')) as [number];
    const order: LoadOrder = {
      port,
      signingSecret: SIGNING_SECRET,
      connections: CONNECTIONS,
      seconds,
      expects,
      late,
    };
    load.send(order);
    const [report] = (await once(load, 'message')) as [LoadReport];
    if (report.refused) throw new Error(`${bot} refused a request: ${report.refused}`);
    return { report };
  } finally {
    load.kill();
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  }
}
