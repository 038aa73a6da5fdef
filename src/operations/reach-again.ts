/** Somebody can be written to now: what could not be posted to them, or not be brought up to date, is tried anew. */
import { reviveCards } from '../../db/messages.ts';
import type { OperationContext } from './context.ts';
import { identifySpeaker, type SpeakerInput } from './identify-speaker.ts';

export async function reachAgain(ctx: OperationContext, person: SpeakerInput): Promise<void> {
  const identified = await identifySpeaker(ctx, person);
  if (!identified.ok) return;
  const { platform, email: recipient } = identified.principal;
  if ((await reviveCards(ctx.ledger.db, { platform, recipient }, ctx.clocks.real())) > 0) ctx.nudge();
}
