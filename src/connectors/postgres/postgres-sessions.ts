/** Ending an account's sessions in PostgreSQL. */
import type postgres from 'postgres';

/**
 * Ends the sessions of the account (an oid) begun before `before` (the server's clock) and waits until they are gone;
 * the caller's deadline bounds the wait. Returns how many they were.
 *
 * A session belongs to the role that logged in, whatever it became by SET ROLE. Without pg_read_all_stats
 * the server does not show when a session of another role began: then all of the account's sessions end,
 * since one too many is a nuisance and one too few is a hole.
 */
export async function terminateSessions(sql: postgres.Sql, oid: string, before: Date): Promise<number> {
  const ended = await sql<{ pid: number }[]>`
    select pid, pg_terminate_backend(pid)
    from pg_stat_activity
    where usesysid = ${oid}::oid
      and pid <> pg_backend_pid()
      and coalesce(backend_start < ${before.toISOString()}::timestamptz, true)`;
  const pids = `{${ended.map((each) => each.pid).join(',')}}`;

  // Within a transaction the server shows one picture of its sessions until it is told to look again.
  while (ended.length > 0) {
    await sql.unsafe('select pg_stat_clear_snapshot()');
    const [left] = await sql<{ count: number }[]>`
      select count(*)::int as count from pg_stat_activity
      where pid = any(${pids}::int[]) and usesysid = ${oid}::oid`;
    if (left?.count === 0) break;
    await sql.unsafe('select pg_sleep(0.01)');
  }
  return ended.length;
}
