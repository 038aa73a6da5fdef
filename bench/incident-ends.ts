/** (f) From the webhook that says "resolved" to confirmed absence of what was held for that incident. */
import type { Sql } from 'postgres';
import { incidentKey } from './incident-key.ts';
import { seedLive } from './seed.ts';
import { type Figure, spread } from './table.ts';
import { createWebhookScene } from './webhook-scene.ts';
import { until, type World } from './world.ts';

const PER_SECOND = 10;
const WARM_UP_S = 5;
const HOURS_MS = 4 * 3_600_000;

export async function incidentEnds(world: World): Promise<Figure[]> {
  const seconds = world.sizes.randomEndsWithinS;
  const count = PER_SECOND * (seconds + WARM_UP_S);
  const scene = await createWebhookScene(world);
  const { sql } = scene;
  try {
    await seedLive(sql, Array(count).fill(new Date(Date.now() + HOURS_MS)));
    await scene.send({ perSecond: 100, count, incidents: count, type: 'incident.triggered' });
    await until('the incidents to be known', async () => (await bind(sql)) === count, { everyMs: 500 });
    world.say(`${PER_SECOND} incidents a second are resolved for ${seconds} s, one grant each`);
    const { repeated } = await scene.send({
      perSecond: PER_SECOND,
      count,
      incidents: count,
      type: 'incident.resolved',
    });
    await until('the grants to end', async () => (await lagsOf(sql)).length === count, { everyMs: 500 });
    const lags = (await lagsOf(sql)).filter(({ n }) => n >= PER_SECOND * WARM_UP_S).map(({ lag }) => lag);
    return [
      {
        part: 'f',
        what: 'Curfew: lag from “resolved” to confirmed absence',
        perSecond: PER_SECOND,
        ...spread(lags),
        note: `One process; ${lags.length} incidents, each with one live grant and no grace; from when the webhook was received to the commit of confirmed absence, ${repeated} sent again. Aim: p99 ≤ 250 ms.`,
      },
    ];
  } finally {
    await scene.close();
  }
}

/** Each request names an incident of its own; how many of them are known by now. */
async function bind(sql: Sql): Promise<number> {
  const rows = await sql<{ key: string; id: number }[]>`select key, id from incidents`;
  const ids = new Map(rows.map(({ key, id }) => [key, id]));
  const pairs = [...ids.keys()].map((_, n) => ({
    request: `R-L${n + 1}`,
    incident: ids.get(incidentKey(n)) ?? null,
  }));
  await sql`update requests set incident_id = p.incident
    from jsonb_to_recordset(${JSON.stringify(pairs)}::text::jsonb) as p(request text, incident int)
    where requests.id = p.request`;
  return pairs.filter(({ incident }) => incident !== null).length;
}

/** Milliseconds, for each grant that ended with its incident; `n` counts from 0 in the order of sending. */
async function lagsOf(sql: Sql): Promise<{ n: number; lag: number }[]> {
  return sql<{ n: number; lag: number }[]>`
    select substr(g.id, 4)::int - 1 as n,
      (extract(epoch from pg_xact_commit_timestamp(g.xmin) - i.received_at) * 1000)::float8 as lag
    from grants g join incident_inbox i on i.event_id = 'incident.resolved-' || (substr(g.id, 4)::int - 1)
    where g.state = 'ended' and g.end_reason = 'incident'`;
}
