/** Grants as the command line lists them: with the person, and with what a target last answered. */
import { and, asc, desc, eq, inArray, ne, sql } from 'drizzle-orm';
import type { Tx } from './client.ts';
import type { GrantRow } from './grants.ts';
import { assignments, claims, grants, principals, requests } from './schema.ts';

/** Absent fields do not narrow. */
export interface GrantSelection {
  readonly ids?: readonly string[] | undefined;
  /** Of the subject; lower case. */
  readonly email?: string | undefined;
  readonly role?: string | undefined;
}

export interface ListedGrant {
  readonly grant: GrantRow;
  readonly email: string;
  readonly name: string;
  readonly reference: string | null;
  readonly lastError: string | null;
}

function fits({ ids, email, role }: GrantSelection) {
  return and(
    ids === undefined ? undefined : inArray(grants.id, [...ids]),
    email === undefined ? undefined : eq(principals.email, email),
    role === undefined ? undefined : eq(grants.role, role),
  );
}

/** Open ones with the earliest end first; with `ended`, all of them with the newest first. */
export async function listGrants(
  db: Tx,
  selection: GrantSelection,
  { ended, limit }: { ended: boolean; limit: number },
): Promise<ListedGrant[]> {
  const lastError = db
    .select({ it: sql`min(${assignments.connector} || ': ' || ${assignments.lastError})` })
    .from(claims)
    .innerJoin(assignments, eq(assignments.id, claims.assignmentId))
    .where(and(eq(claims.grantId, grants.id), sql`${claims.releasedAt} is null`));
  return db
    .select({
      grant: grants,
      email: principals.email,
      name: principals.name,
      reference: requests.reference,
      lastError: sql<string | null>`(${lastError})`,
    })
    .from(grants)
    .innerJoin(requests, eq(requests.id, grants.id))
    .innerJoin(principals, eq(principals.id, grants.subjectId))
    .where(and(fits(selection), ended ? undefined : ne(grants.state, 'ended')))
    .orderBy(ended ? desc(grants.approvedAt) : asc(grants.endsAt), asc(grants.id))
    .limit(limit);
}

/** Ids of what has not begun to end, in the order in which grants are locked. */
export async function openGrantIds(db: Tx, selection: GrantSelection): Promise<string[]> {
  const rows = await db
    .select({ id: grants.id })
    .from(grants)
    .innerJoin(principals, eq(principals.id, grants.subjectId))
    .where(and(fits(selection), inArray(grants.state, ['starting', 'live'])))
    .orderBy(asc(grants.id));
  return rows.map(({ id }) => id);
}

/** Whether any grant, open or long over, fits. */
export async function anyGrant(db: Tx, selection: GrantSelection): Promise<boolean> {
  const [row] = await db
    .select({ id: grants.id })
    .from(grants)
    .innerJoin(principals, eq(principals.id, grants.subjectId))
    .where(fits(selection))
    .limit(1);
  return row !== undefined;
}
