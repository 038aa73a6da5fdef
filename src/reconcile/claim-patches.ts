/** Claims: whose they are, and which of them an observation settles. Pure. */
import type { ClaimPatch, ClaimWithGrant } from '../../db/assignments.ts';
import type { Settlement } from '../domain/assignment.ts';
import { grantWants } from '../domain/grant.ts';

/**
 * Seen present: confirms the claims that were there when the lease was taken (`leaseGeneration`), and
 * releases, as shared, those of grants that want nothing any more. Seen absent: releases every claim of a
 * grant that wants nothing.
 */
export function claimPatches(
  leaseGeneration: number,
  claims: readonly ClaimWithGrant[],
  seen: Settlement['claims'],
  now: Date,
): ClaimPatch[] {
  if (seen === 'none') return [];
  return claims.flatMap(
    ({ grantId, assignmentId, generation, confirmedAt, releasedAt, grant }): ClaimPatch[] => {
      const base = { grantId, assignmentId, confirmed: false, released: false, shared: false };
      const wants = grantWants(grant, now);
      if (seen === 'confirm' && wants) {
        return generation <= leaseGeneration && !confirmedAt ? [{ ...base, confirmed: true }] : [];
      }
      if (wants || releasedAt) return [];
      const shared = seen === 'confirm';
      // Present, and nobody wants it: its removal comes next, nothing is released yet.
      if (shared && !claims.some((other) => grantWants(other.grant, now))) return [];
      return [{ ...base, released: true, shared }];
    },
  );
}

export function byAssignment(claims: readonly ClaimWithGrant[]): ReadonlyMap<number, ClaimWithGrant[]> {
  const groups = new Map<number, ClaimWithGrant[]>();
  for (const claim of claims) {
    const group = groups.get(claim.assignmentId);
    if (group) group.push(claim);
    else groups.set(claim.assignmentId, [claim]);
  }
  return groups;
}
