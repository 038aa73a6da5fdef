/** What a card is a function of: everything the ledger says of one request. */
import { eq } from 'drizzle-orm';
import type { AssignmentRow, ClaimRow } from './assignments.ts';
import { assignmentsOf } from './assignments.ts';
import type { Tx } from './client.ts';
import type { GrantRow } from './grants.ts';
import { incidentById } from './incidents.ts';
import { type Unreached, unreachedOwners } from './messages.ts';
import type { PrincipalRow } from './principals.ts';
import { findRequest, liveVotes, type RequestRow, type VoteRow } from './requests.ts';
import { grants, requests } from './schema.ts';
import type { IncidentRow } from './schema-incidents.ts';

export interface RequestView {
  readonly request: RequestRow;
  readonly requester: PrincipalRow;
  readonly subject: PrincipalRow;
  /** The incident that it ends with, where its reference named one. */
  readonly incident: IncidentRow | null;
  readonly votes: readonly (VoteRow & { readonly approver: PrincipalRow })[];
  /** The grant of an approved access request; for an extension, the grant that it extends. */
  readonly grant: GrantRow | null;
  readonly assignments: readonly { readonly assignment: AssignmentRow; readonly claim: ClaimRow }[];
  /** The pending request for more time, if there is one. */
  readonly pendingExtension: RequestRow | null;
  /** Owners who cannot be written to, while it waits for them. */
  readonly unreached: readonly Unreached[];
}

export async function loadRequestView(db: Tx, id: string): Promise<RequestView | null> {
  const found = await findRequest(db, id);
  if (!found) return null;
  const { incidentId, state } = found.request;
  const grantId = found.request.extendsGrant ?? id;
  const [[grant], extensions, incident, votes, assignments, unreached] = await Promise.all([
    db.select().from(grants).where(eq(grants.id, grantId)),
    db.select().from(requests).where(eq(requests.extendsGrant, grantId)),
    incidentId === null ? null : incidentById(db, incidentId),
    liveVotes(db, id),
    assignmentsOf(db, grantId),
    state === 'pending' ? unreachedOwners(db, id) : [],
  ]);
  const pendingExtension = extensions.find((extension) => extension.state === 'pending') ?? null;
  return { ...found, incident, votes, grant: grant ?? null, assignments, pendingExtension, unreached };
}
