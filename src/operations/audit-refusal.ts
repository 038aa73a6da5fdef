/** Puts on record what was refused before policy was asked. */
import { recordAudit } from '../../db/audit.ts';
import type { Tx } from '../../db/client.ts';
import type { SpeakingPrincipal } from '../../db/principals.ts';
import type { Refusal } from '../domain/refusal.ts';
import { actorOf, type OperationContext } from './context.ts';
import type { SpeakerInput } from './identify-speaker.ts';

/** Somebody asked for access in a way that cannot be meant. */
export async function auditRefusal(
  ctx: Pick<OperationContext, 'ledger' | 'clocks'>,
  principal: SpeakingPrincipal,
  details: Readonly<Record<string, unknown>>,
): Promise<void> {
  await recordAudit(ctx.ledger.db, ctx.clocks.now(), [
    { actor: actorOf(principal), action: 'request.refused', details },
  ]);
}

/** Somebody would do something about what is not theirs to do it about. `action`: such as `cancel.refused`. */
export async function auditTrespass(
  tx: Tx,
  now: Date,
  { speaker, action, request }: { speaker: SpeakingPrincipal; action: string; request: string },
): Promise<void> {
  await recordAudit(tx, now, [{ actor: actorOf(speaker), action, details: { request } }]);
}

/** Somebody spoke who may not. A directory that does not answer says nothing about them. */
export async function auditStranger(
  ctx: Pick<OperationContext, 'ledger' | 'clocks'>,
  { platform, workspace, userId }: SpeakerInput,
  refusal: Refusal,
): Promise<void> {
  if (refusal.code === 'directory-unavailable') return;
  const details = { because: refusal.code, workspace };
  await recordAudit(ctx.ledger.db, ctx.clocks.now(), [
    { actor: `${platform}:${userId}`, action: 'speaker.refused', details },
  ]);
}
