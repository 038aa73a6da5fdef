/** What every operation is given. Operations are functions of this and their input; none keeps state. */
import type { Ledger } from '../../db/client.ts';
import type { SpeakingPrincipal } from '../../db/principals.ts';
import type { RequestRow } from '../../db/requests.ts';
import type { ChatPort } from '../chat/port.ts';
import type { Connector } from '../connectors/connector.ts';
import type { Catalog } from '../domain/catalog.ts';
import type { Clocks } from '../domain/clock.ts';
import type { RandomBytes } from '../domain/ids.ts';
import type { Platform } from '../domain/platform.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Timing } from '../domain/timing.ts';
import type { InFlight } from '../in-flight.ts';
import type { IncidentSource } from '../incidents/source.ts';
import type { Log } from '../observability/log.ts';
import { approversOf } from '../policy/decision.ts';

export interface OperationContext {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  readonly catalog: Catalog;
  readonly timing: Timing;
  readonly connectors: ReadonlyMap<string, Connector>;
  /** Sources of incidents, by their names under `incidents:`. */
  readonly incidents: ReadonlyMap<string, IncidentSource>;
  /** The platforms in use; their ports come as they connect. */
  readonly platforms: readonly Platform[];
  readonly ports: ReadonlyMap<string, ChatPort>;
  /** How long a directory has to say who is here, real milliseconds; a second, unless said otherwise. */
  readonly directoryWithinMs?: number;
  readonly randomBytes: RandomBytes;
  /** Tells the scheduler that there may be something to do. */
  readonly nudge: () => void;
  readonly log: Log;
  /** Reads of targets, by whom they are for; absent: as many as there are. */
  readonly reads?: InFlight;
}

/** What an operation answers: JSON all through, for it is kept with the delivery. */
export type Result<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly refusal: Refusal };

export const refused = (refusal: Refusal): { ok: false; refusal: Refusal } => ({ ok: false, refusal });

/** How the audit log names a person. */
export function actorOf(principal: SpeakingPrincipal): string {
  return `${principal.platform}:${principal.userId} ${principal.email}`;
}

/** Who may do what by title. Authority is looked up in the catalog as it is now, at every use. */
export function isAdmin(catalog: Catalog, email: string): boolean {
  return catalog.admins.includes(email);
}

/**
 * Who may know that a request is there at all: its parties, those who were asked to decide, the owners of today
 * and admins. To everybody else it is answered as one that was never made.
 */
export function maySee(
  catalog: Catalog,
  email: string,
  { request, parties }: { request: Pick<RequestRow, 'role' | 'decision'>; parties: readonly string[] },
): boolean {
  const asked = approversOf(request.decision).includes(email);
  return (
    parties.includes(email) || asked || isAdmin(catalog, email) || ownsRole(catalog, request.role, email)
  );
}

export function ownsRole(catalog: Catalog, role: string, email: string): boolean {
  return catalog.roles.get(role)?.owners.includes(email) ?? false;
}
