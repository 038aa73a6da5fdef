/**
 * A grant's life:
 *
 *   starting ──all entitlements read back──▶ live ──┐
 *      │                                            ├─ window, incident, returned, revoked,
 *      └─ start_by passed, refused (failed) ────────┤  offboarded, review
 *                                                   ▼
 *                                                ending ──absence read back──▶ ended
 *
 * The end is a latch: no arrow leads back.
 */
export const GRANT_STATES = ['starting', 'live', 'ending', 'ended'] as const;
export type GrantState = (typeof GRANT_STATES)[number];

export const END_REASONS = [
  'window',
  'incident',
  'returned',
  'revoked',
  'offboarded',
  'review',
  'failed',
] as const;
export type EndReason = (typeof END_REASONS)[number];

/** The times that decide whether a grant wants its assignments present. Ledger time. */
export interface GrantWindow {
  readonly state: GrantState;
  readonly startBy: Date;
  readonly endsAt: Date;
}

/** Whether this grant, by itself, wants its access to be there now. */
export function grantWants(grant: GrantWindow, now: Date): boolean {
  if (grant.state === 'starting') return now < grant.startBy && now < grant.endsAt;
  return grant.state === 'live' && now < grant.endsAt;
}

/** The one answer to "is this assignment wanted now?": at least one unended grant claims it. */
export function wanted(grants: readonly GrantWindow[], now: Date): boolean {
  return grants.some((grant) => grantWants(grant, now));
}

/** The times that decide since when a grant's access should be gone. Ledger time. */
export interface GrantEnd {
  readonly startBy: Date;
  readonly endsAt: Date;
  readonly liveAt: Date | null;
  readonly endingAt: Date | null;
}

/**
 * From when on a grant's access should be gone: its end, an earlier end by somebody, or for one that was never
 * live the time by which it had to be. A window that closed while Curfew was down was over then, not when that
 * was noticed. The same in SQL: `dueSinceOf` in `db/schema.ts`.
 */
export function dueSince({ startBy, endsAt, liveAt, endingAt }: GrantEnd): Date {
  const ends = [endsAt, endingAt, liveAt === null ? startBy : null].filter((at) => at !== null);
  return new Date(Math.min(...ends.map((at) => at.getTime())));
}

/** Whether access is still not confirmed gone, `overdueAfterS` or more after it should have been. */
export function isOverdue(
  grant: GrantEnd & { readonly state: GrantState },
  { now, overdueAfterS }: { now: Date; overdueAfterS: number },
): boolean {
  return grant.state !== 'ended' && now.getTime() - dueSince(grant).getTime() >= overdueAfterS * 1000;
}

/** When a grant's window closes, once a call that may land begins at `now`. */
export function endFromCall(
  grant: GrantWindow & {
    readonly firstCallAt: Date | null;
    readonly durationS: number;
    readonly endsBy: Date | null;
  },
  now: Date,
): Date {
  if (grant.state !== 'starting' || grant.firstCallAt !== null) return grant.endsAt;
  const end = endOfWindow(now, grant.durationS);
  return grant.endsBy && grant.endsBy < end ? grant.endsBy : end;
}

/** When a grant's window closes, once its first call that may have landed began at `firstCallAt`. */
export function endOfWindow(firstCallAt: Date, durationS: number): Date {
  return new Date(firstCallAt.getTime() + durationS * 1000);
}
