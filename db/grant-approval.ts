/**
 * Whether a grant is no more than what was approved: its columns held against those of its request and of the
 * extensions that were approved. It holds at every moment of every lawful life of a grant, and needs no event.
 */
import { sql } from 'drizzle-orm';

/** What was approved of a request, seconds; less than was asked where an approver said so. */
const approved = (table: string) => `coalesce(${table}.approved_duration_s, ${table}.duration_s)`;

/** Where the end was named, an approval that comes late gives only what is left until then. */
const FIRST_S = `least(${approved('requests')},
  ceil(extract(epoch from requests.ends_by - requests.decided_at)))`;

const MORE = `from requests more where more.extends_grant = requests.id and more.state = 'approved'`;
const MORE_S = `(select coalesce(sum(${approved('more')}), 0) ${MORE})`;

/** The latest end: that of a call at the last moment, or the named one with what was given beyond it. */
const LATEST_END = `least(
  grants.start_by + make_interval(secs => grants.duration_s),
  requests.ends_by + make_interval(secs => ${MORE_S}::double precision))`;

/** In what the grant of the request at hand is not what was approved, in words; null: in nothing, or there is none. */
export const beyondApproval = sql<string | null>`(${sql.raw(`select case
  when requests.kind <> 'access' or requests.state <> 'approved' then 'it has a grant, and was not approved'
  when grants.subject_id <> requests.subject_id or grants.role <> requests.role
    or grants.approved_at is distinct from requests.decided_at
    then 'its grant is not the one that was approved'
  when grants.duration_s <> ${FIRST_S} + ${MORE_S} then 'its grant lasts for another time than was approved'
  when grants.ends_by is distinct from case when not exists (select ${MORE}) then requests.ends_by end
    then 'the named end of its grant is not the one that was asked for'
  when grants.ends_at > ${LATEST_END} then 'its grant ends later than was approved'
  end from grants where grants.id = requests.id`)})`;
