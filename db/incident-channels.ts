/** Requests are shown where their incident is talked about, once its source says where that is. */
import { sql } from 'drizzle-orm';
import { arrayOf } from './among.ts';
import type { Tx } from './client.ts';
import type { IncidentRow } from './schema-incidents.ts';

/**
 * A card in the channel of each incident that has one, for every request that waits and every grant that has
 * not ended; those that are there stay as they are. What is meant for a platform that is not in use is never
 * posted.
 */
export async function showInChannels(
  tx: Tx,
  told: readonly Pick<IncidentRow, 'id' | 'channel'>[],
  real: Date,
): Promise<void> {
  const ids = told.flatMap(({ id, channel }) => (channel === null ? [] : [id]));
  if (ids.length === 0) return;
  const among = sql`any(${arrayOf(ids)})`;
  await tx.execute(sql`
    insert into cards (request_id, audience, platform, recipient, round, due_at)
    select bound.id, 'channel', i.channel ->> 'platform', i.channel ->> 'id', 0, ${real.toISOString()}::timestamptz
    from incidents i
    join (
      select r.id, r.incident_id from requests r
      where r.incident_id = ${among} and (r.state = 'pending'
        or exists (select from grants g where g.id = r.id and g.state <> 'ended'))
      union all
      select more.id, r.incident_id from requests r join requests more on more.extends_grant = r.id
      where r.incident_id = ${among} and more.state = 'pending'
    ) bound on bound.incident_id = i.id
    order by bound.id
    on conflict do nothing`);
}
