/** (e) A storm of webhooks: none lost, and what falls due meanwhile as late as without it. */
import type { Sql } from 'postgres';
import { seededMoments } from './moments.ts';
import { endLags } from './reconciler.ts';
import { seedLive } from './seed.ts';
import { type Figure, spread } from './table.ts';
import { createWebhookScene } from './webhook-scene.ts';
import { until, type World } from './world.ts';

const PER_SECOND = 1_000;
const INCIDENTS = 100;
const WARM_UP_S = 5;
const LEAD_MS = 2_000;

export async function webhooks(world: World): Promise<Figure[]> {
  const { randomEnds: count, randomEndsWithinS: withinS } = world.sizes;
  const storm = await measure(world, true);
  const calm = await measure(world, false);
  const lag = (what: string, lags: readonly number[]): Figure => ({
    part: 'e',
    what,
    perSecond: null,
    ...spread(lags),
    note: `${count} ends at random moments (seeded) in ${withinS} s, in the process that takes the webhooks; from the end to the commit of confirmed absence.`,
  });
  return [
    {
      part: 'e',
      what: 'Curfew: webhooks, durable and answered',
      perSecond: PER_SECOND,
      ...spread(storm.latencies),
      note: `PagerDuty’s, signed, ${PER_SECOND} a second for ${withinS} s (after ${WARM_UP_S} s that do not count) over 64 connections from another process, about ${INCIDENTS} incidents; from when it was due to be sent. ${storm.lost} lost of ${storm.sent.toLocaleString('en-GB')}, ${storm.repeated} sent again.`,
    },
    lag('Curfew: lag of an end meanwhile', storm.lags),
    lag('Curfew: lag of an end without webhooks', calm.lags),
  ];
}

async function measure(world: World, stormy: boolean) {
  const { randomEnds: count, randomEndsWithinS: withinS } = world.sizes;
  const scene = await createWebhookScene(world);
  const { sql } = scene;
  try {
    const begin = new Date(Date.now() + LEAD_MS);
    const first = new Date(begin.getTime() + WARM_UP_S * 1000);
    const warmUp = seededMoments(begin, Math.round((count * WARM_UP_S) / withinS), WARM_UP_S * 1000);
    await seedLive(sql, [...seededMoments(first, count, withinS * 1000), ...warmUp]);
    world.say(
      `${count} ends within ${withinS} s${stormy ? `, ${PER_SECOND} webhooks a second meanwhile` : ''}`,
    );
    await new Promise((resolve) => setTimeout(resolve, begin.getTime() - Date.now()));
    const sent = stormy ? PER_SECOND * (WARM_UP_S + withinS) : 0;
    const { latencies, repeated } = await scene.send({
      perSecond: PER_SECOND,
      count: sent,
      incidents: INCIDENTS,
      type: 'incident.priority_updated',
    });
    await until('the grants to end', async () => (await unended(sql)) === 0, { everyMs: 500 });
    const lags = (await endLags(sql)).filter(({ endsAt }) => endsAt >= first).map(({ lag }) => lag);
    if (lags.length !== count) throw new Error(`Of ${count} grants ${lags.length} ended.`);
    if (lags.some((lag) => lag < 0)) throw new Error('A grant ended before its time.');
    const [kept] = await sql<{ count: number }[]>`select count(*)::int as count from incident_inbox`;
    const counted = latencies.slice(PER_SECOND * WARM_UP_S);
    return { latencies: counted, repeated, sent, lost: sent - (kept?.count ?? 0), lags };
  } finally {
    await scene.close();
  }
}

async function unended(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from grants where state <> 'ended'`;
  return row?.count ?? 0;
}
