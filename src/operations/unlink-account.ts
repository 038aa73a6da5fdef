/** Undoes the link between an account in a target and a person: whoever is approved next may have it. */
import { type AccountLink, lockLinks, openGrantsOn, removePin } from '../../db/account-links.ts';
import { recordAudit } from '../../db/audit.ts';
import { ExpectedFailure } from '../expected-failure.ts';
import type { OperationContext } from './context.ts';

export interface UnlinkInput {
  /** A connector's name, or a target's id. */
  readonly target: string;
  /** An account's id or name there. */
  readonly account: string;
  readonly actor: string;
  readonly note: string | null;
  /** Only say what would be undone. */
  readonly dryRun: boolean;
}

/** Throws an `ExpectedFailure` where there is no such link, more than one, or one that is in use. */
export async function unlinkAccount(
  ctx: Pick<OperationContext, 'ledger' | 'clocks'>,
  { target, account, actor, note, dryRun }: UnlinkInput,
): Promise<AccountLink> {
  return ctx.ledger.tx(async (tx) => {
    const [link, another] = await lockLinks(tx, target, account);
    if (!link) {
      throw new ExpectedFailure(
        `No account ${account} on ${target} is linked to anybody. See: curfew accounts`,
      );
    }
    if (another) {
      throw new ExpectedFailure(
        `More than one account on ${target} is called ${account}: name the one that you mean by its id, and the target by its own. See: curfew accounts --json`,
      );
    }
    const open = await openGrantsOn(tx, link);
    if (open.length > 0) {
      throw new ExpectedFailure(
        `${link.email} holds access by this account (${open.join(', ')}), so the link stays. End that first: curfew revoke ${open[0]}`,
      );
    }
    if (dryRun) return link;
    await removePin(tx, link);
    const { targetId, accountId, email, connector } = link;
    const details = { connector, target: targetId, account: link.account, accountId, subject: email, note };
    await recordAudit(tx, ctx.clocks.now(), [{ actor, action: 'account.unlinked', details }]);
    return link;
  });
}
