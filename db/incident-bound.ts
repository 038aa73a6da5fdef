/**
 * Which incidents somebody depends on: a request that waits, or a grant that has not begun to end, is bound
 * to them.
 */
import { type SQL, sql } from 'drizzle-orm';
import { incidents } from './schema-incidents.ts';

/** Their ids, read from what is open now: the past is long. */
export const boundIncidents: SQL = sql`(
  select incident_id from requests where state = 'pending' and incident_id is not null
  union
  select r.incident_id from grants g join requests r on r.id = g.id
  where g.state in ('starting', 'live') and r.incident_id is not null)`;

/** Those that hold up something that has not begun: a request that waits, or a grant that is not live yet. */
export const awaitedIncidents: SQL = sql`(
  select incident_id from requests where state = 'pending' and incident_id is not null
  union
  select r.incident_id from requests more join requests r on r.id = more.extends_grant
  where more.state = 'pending' and r.incident_id is not null
  union
  select r.incident_id from grants g join requests r on r.id = g.id
  where g.state = 'starting' and r.incident_id is not null)`;

/** Whether anything at all is bound to the incident at hand. */
export const isBound: SQL = sql`exists (
  select from requests r left join grants g on g.id = r.id and g.state in ('starting', 'live')
  where r.incident_id = ${incidents.id} and (r.state = 'pending' or g.id is not null))`;

/** Whether a grant is bound to the incident at hand that has not ended yet. */
export const hasUnendedGrant: SQL = sql`exists (
  select from requests r join grants g on g.id = r.id
  where r.incident_id = ${incidents.id} and g.state <> 'ended')`;

/** Whether a grant ever was. */
export const hadGrant: SQL = sql`exists (
  select from requests r join grants g on g.id = r.id where r.incident_id = ${incidents.id})`;
