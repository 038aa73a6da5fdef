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

/**
 * When the access of a grant that is over should have been gone. A window that closed while Curfew was down
 * was over then, not when that was noticed.
 */
export function overAt({ endsAt, endingAt }: { endsAt: Date; endingAt: Date | null }): Date {
  return endingAt && endingAt < endsAt ? endingAt : endsAt;
}

/** When a grant's window closes, once its first call that may have landed began at `firstCallAt`. */
export function endOfWindow(firstCallAt: Date, durationS: number): Date {
  return new Date(firstCallAt.getTime() + durationS * 1000);
}
