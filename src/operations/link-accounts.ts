/** From the first grant on an account in a target is its person's. */
import { findPin, pinAccount, removePin } from '../../db/account-links.ts';
import { recordAudit } from '../../db/audit.ts';
import type { Tx } from '../../db/client.ts';
import type { RequestWithParties } from '../../db/requests.ts';
import { grounds, plotOf, type Times } from '../../db/story.ts';
import type { FrozenEntitlement } from '../domain/request.ts';
import type { VoteRefusal } from '../policy/may-vote.ts';

/**
 * Links the accounts of a request that is being approved. Whoever merely asks has no claim to an account: of two
 * who ask for one, the first who is approved has it. Not null: it is somebody else's, and nothing was linked.
 */
export async function linkAccounts(
  tx: Tx,
  found: RequestWithParties,
  actor: string,
  times: Times,
): Promise<VoteRefusal | null> {
  const { email } = found.subject;
  const ordered = [...found.request.entitlements].sort((a, b) =>
    a.targetId + a.accountId < b.targetId + b.accountId ? -1 : 1,
  );
  for (const { targetId, accountId, account, connector } of ordered) {
    const owner = await findPin(tx, targetId, accountId);
    if (owner !== null && owner !== email) return isTaken(account, connector);
  }
  const made: FrozenEntitlement[] = [];
  for (const each of ordered) {
    const { targetId, accountId } = each;
    const link = await pinAccount(tx, { targetId, accountId, email }, times.now);
    if (link.email !== email) {
      // Somebody else was given it since we looked.
      for (const mine of made) await removePin(tx, mine);
      return isTaken(each.account, each.connector);
    }
    if (link.made) made.push(each);
  }
  const entries = made.map(({ connector, targetId, account, accountId }) => ({
    actor,
    action: 'account.linked',
    details: { ...grounds(plotOf(found)), connector, target: targetId, account, accountId },
  }));
  await recordAudit(tx, times.now, entries);
  return null;
}

function isTaken(account: string, connector: string): VoteRefusal {
  return {
    rule: 'account-is-own',
    message: `The account ${account} on ${connector} belongs to somebody else.`,
  };
}
