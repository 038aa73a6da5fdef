/**
 * Lines that are said once, as facts: JSON all through (moments as ISO strings). Their words are made when
 * they are posted, in `src/chat/cards/`.
 */
import type { EndReason } from './grant.ts';

export type Notice =
  | { readonly kind: 'requested' }
  | { readonly kind: 'approved'; readonly by: string; readonly durationS: number }
  | { readonly kind: 'denied'; readonly by: string; readonly note: string }
  /** By somebody, or else for a reason: `the access ended first`. */
  | { readonly kind: 'cancelled'; readonly by: string }
  | { readonly kind: 'cancelled'; readonly because: string }
  | { readonly kind: 'expired' }
  /** A request is cancelled, for the incident that it was for is over. */
  | { readonly kind: 'incident-closed'; readonly name: string }
  /** Half of a request's time is over and nobody decided. */
  | { readonly kind: 'still-waiting'; readonly until: string }
  | { readonly kind: 'live'; readonly until: string }
  | { readonly kind: 'extended'; readonly by: string; readonly until: string }
  | {
      readonly kind: 'ending';
      readonly reason: EndReason;
      readonly by: string | null;
      readonly note: string | null;
    }
  | { readonly kind: 'ended'; readonly reason: EndReason; readonly afterS: number; readonly shared: boolean }
  | { readonly kind: 'trouble'; readonly what: string; readonly message: string }
  /** An account or permission that the target calls otherwise since. */
  | { readonly kind: 'renamed'; readonly from: string; readonly to: string }
  /** The target has what the access was made of no more. */
  | { readonly kind: 'gone'; readonly what: string; readonly gone: 'account' | 'permission' }
  | { readonly kind: 'landed-late'; readonly what: string }
  | { readonly kind: 'found-again'; readonly what: string }
  | { readonly kind: 'stuck'; readonly what: string; readonly message: string }
  /** A card that its readers do not get to see. */
  | { readonly kind: 'not-shown'; readonly where: string; readonly message: string }
  | {
      readonly kind: 'identity-conflict';
      readonly email: string;
      readonly userId: string;
      readonly message: string;
    }
  /** Nobody can say whether an incident that access depends on goes on. */
  | {
      readonly kind: 'incident-unconfirmed';
      readonly source: string;
      readonly name: string;
      readonly sinceMinutes: number;
      /** Whether its grants end for that. */
      readonly ends: boolean;
    }
  | { readonly kind: 'frozen'; readonly by: string; readonly on: boolean }
  /** Something in the audit log was not written with its key. */
  | { readonly kind: 'audit-tampered'; readonly message: string }
  /** The audit log has its first key, behind this head, `SEQ:HASH`: nothing vouches for what is up to it. */
  | { readonly kind: 'audit-key-adopted'; readonly after: string }
  | { readonly kind: 'audit-head'; readonly head: string };
