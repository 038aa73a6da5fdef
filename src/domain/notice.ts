/**
 * Lines that are said once, as facts: JSON all through (moments as ISO strings). Their words are made when
 * they are posted, in `src/chat/cards/`.
 */
import type { EndReason } from './grant.ts';

export type Notice =
  | { readonly kind: 'requested' }
  | { readonly kind: 'approved'; readonly by: string; readonly durationS: number }
  | { readonly kind: 'denied'; readonly by: string; readonly note: string }
  | { readonly kind: 'cancelled'; readonly by: string }
  | { readonly kind: 'expired' }
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
  | { readonly kind: 'frozen'; readonly by: string; readonly on: boolean }
  | { readonly kind: 'audit-head'; readonly head: string };
