/**
 * Fills a ledger with requests and what belongs to them, as operations would have written it, but in bulk.
 * Foreign keys are not looked at while it runs.
 */
import type postgres from 'postgres';
import { CONNECTOR, TARGET } from './noop-connector.ts';

const PEOPLE = 1_000;
/** How often one person has had one right, in a ledger with history. */
export const GRANTS_PER_EDGE = 20;

/** A live grant with one assignment that is there, for each of the moments, which is its end. */
export async function seedLive(sql: postgres.Sql, ends: readonly Date[]): Promise<void> {
  await seed(sql, async (tx) => {
    const list = ends.map((at) => at.toISOString());
    await tx`insert into seeds (n, id, edge, live, ends_at)
      select n, 'R-L' || n, n, true, ends_at
      from unnest(${list}::timestamptz[]) with ordinality as t(ends_at, n)`;
  });
}

/** As many grants that ended long ago, with their cards, notices, votes and log, and 300 that go on for hours. */
export async function seedHistory(sql: postgres.Sql, count: number): Promise<void> {
  await seed(sql, async (tx) => {
    await tx`insert into seeds (n, id, edge, live, ends_at)
      select n, 'R-H' || n, n % ${Math.max(1, count / GRANTS_PER_EDGE)}, false,
        now() - interval '1 day' - n * interval '10 seconds'
      from generate_series(1, ${count}::int) as n`;
    await tx`insert into seeds (n, id, edge, live, ends_at)
      select n, 'R-L' || n, 1000000000 + n, true, now() + interval '5 hours'
      from generate_series(1, 300) as n`;
  });
}

async function seed(sql: postgres.Sql, choose: (tx: postgres.Sql) => Promise<void>): Promise<void> {
  const connection = await sql.reserve();
  try {
    await connection`set session_replication_role = replica`;
    await connection`create temp table seeds (n int, id text, edge int, live boolean, ends_at timestamptz)`;
    await choose(connection);
    await connection.unsafe(SEED);
    await connection`drop table seeds`;
    await connection`set session_replication_role = origin`;
  } finally {
    connection.release();
  }
  await sql`vacuum analyze`;
}

const SEED = `
insert into principals (email, name, bound_at)
  select 'person' || n || '@acme.test', 'Person ' || n, now() from generate_series(1, ${PEOPLE}) as n;

insert into identities (platform, workspace, user_id, principal_id, name, bound_at)
  select 'slack', 'T1', 'U' || substr(email, 7, strpos(email, '@') - 7), id, name, bound_at from principals;

insert into requests (id, kind, platform, requester_id, subject_id, role, role_title, risk, environment, duration_s,
    reference, reason, entitlements, state, decision, created_at, expires_at, decided_at, decided_by)
  select seeds.id, 'access', 'slack', p.id, p.id, 'role-' || edge / ${PEOPLE}, 'Role ' || edge / ${PEOPLE}, 'high',
    'production', 3600, 'INC-' || n, 'failing over the primary',
    jsonb_build_array(jsonb_build_object('connector', '${CONNECTOR}', 'targetId', '${TARGET}',
      'permission', jsonb_build_object('key', 'k' || edge), 'description', 'holder of k' || edge,
      'permissionId', 'k' || edge, 'accountId', split_part(p.email, '@', 1),
      'edge', '["k' || edge || '","' || split_part(p.email, '@', 1) || '"]',
      'account', split_part(p.email, '@', 1), 'sessionOutlivesRevokeS', 0, 'endsSessions', false)),
    'approved',
    jsonb_build_object('outcome', 'approval', 'rule', 'owner-approval', 'message', 'An owner decides.',
      'stages', jsonb_build_array(jsonb_build_object('name', 'owner',
        'approvers', jsonb_build_array('omar@acme.test', 'lea@acme.test'), 'required', 1)),
      'policyVersion', 'sha256:bench', 'facts', jsonb_build_object('frozen', false, 'durationS', 3600)),
    ends_at - interval '70 minutes', ends_at + interval '7 hours', ends_at - interval '61 minutes', 1
  from seeds join principals p on p.email = 'person' || (edge % ${PEOPLE} + 1) || '@acme.test';

insert into votes (request_id, stage, approver_id, verdict, at)
  select id, 0, 1, 'approve', ends_at - interval '61 minutes' from seeds;

insert into grants (id, subject_id, role, state, duration_s, approved_at, start_by, ends_at, first_call_at,
    live_at, ending_at, end_reason, ended_at)
  select s.id, r.subject_id, r.role, case when live then 'live' else 'ended' end, 3600,
    ends_at - interval '61 minutes', ends_at - interval '46 minutes', ends_at,
    ends_at - interval '60 minutes', ends_at - interval '60 minutes',
    case when not live then ends_at end, case when not live then 'window' end, case when not live then ends_at end
  from seeds s join requests r on r.id = s.id;

insert into assignments (target_id, edge, connector, permission, permission_id, account, account_id, state,
    generation, due_at,
    baseline, rereads, observed_at, absent_at)
  select distinct on (s.edge) '${TARGET}', e.edge, '${CONNECTOR}', e.permission, e."permissionId", e.account,
    e."accountId",
    case when live then 'present' else 'absent' end, 1, case when live then now() + interval '1 day' end,
    'absent', 0, now(), case when not live then ends_at end
  from seeds s join requests r on r.id = s.id,
    jsonb_to_record(r.entitlements -> 0) as e(edge text, permission jsonb, "permissionId" text, account text,
      "accountId" text);

insert into claims (grant_id, assignment_id, generation, confirmed_at, released_at)
  select r.id, a.id, 1, ends_at - interval '60 minutes', case when not live then ends_at end
  from seeds s join requests r on r.id = s.id
    join assignments a on a.target_id = '${TARGET}' and a.edge = r.entitlements -> 0 ->> 'edge';

insert into cards (request_id, audience, platform, recipient, conversation, message, wanted_revision,
    posted_revision)
  select id, audience, 'slack', recipient, 'C0BENCH', 'ts-' || id, 4, 4
  from seeds, (values ('channel', '#access-approvals'), ('owner', 'omar@acme.test'),
    ('requester', 'person1@acme.test')) as c(audience, recipient);

insert into notices (request_id, audience, platform, notice, at)
  select id, 'thread', 'slack', jsonb_build_object('kind', kind), ends_at
  from seeds, (values ('requested'), ('approved')) as k(kind);

insert into audit_events (seq, at, actor, action, details, prev_hash, hash)
  select row_number() over (), ends_at, 'curfew', 'grant.ended', jsonb_build_object('request', id),
    md5(id) || md5(id), md5(id) || md5(id)
  from seeds where not live;`;
