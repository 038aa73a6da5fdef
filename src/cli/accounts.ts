import type { Command } from 'commander';
import { ACCOUNTS_AT_MOST, type LinkFact } from '../control/ledger-service.ts';
import { type CliContext, type ExitCode, print, printJson, terminalUser } from './context.ts';
import { readEmail, readReason } from './selection.ts';
import { plain, renderTable, showMoment, widthOf } from './show.ts';
import { withLedger } from './with-ledger.ts';

interface ListOptions {
  readonly user?: string;
  readonly json?: boolean;
}

interface UnlinkOptions {
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addAccounts(
  program: Command,
  run: (work: Promise<ExitCode>) => Promise<void>,
  ctx: CliContext,
) {
  const accounts = program
    .command('accounts')
    .description(
      'Show whose account is whose in the targets, or undo such a link. Needs neither chat nor curfew.yaml.',
    );
  accounts
    .command('list', { isDefault: true })
    .description('Show every account that belongs to somebody since a grant, and since when.')
    .option('--user <mail>', 'only of this person')
    .option('--json', 'as JSON')
    .action((options: ListOptions) => run(list(ctx, options)));
  accounts
    .command('unlink')
    .description('Take an account from its person: whoever is approved next may have it.')
    .argument('<target>', 'the connector, such as prod-pg, or the id of its target')
    .argument('<account>', 'the name or the id of the account there')
    .option('--reason <text>', 'why; the audit log is told')
    .option('--dry-run', 'only say what would be undone')
    .option('--json', 'as JSON')
    .action((target: string, account: string, options: UnlinkOptions) =>
      run(unlink(ctx, target, account, options)),
    );
}

async function list(ctx: CliContext, options: ListOptions): Promise<ExitCode> {
  const email = options.user === undefined ? undefined : readEmail(options.user);
  const found = await withLedger(ctx, (service) => service.accounts({ email }));
  if (options.json) printJson(ctx, found.accounts);
  else if (found.accounts.length === 0) print(ctx, 'No account is linked to anybody.');
  else {
    const rows = found.accounts.map((link) => [
      plain(link.email),
      plain(link.connector ?? link.target),
      plain(link.account ?? ''),
      plain(link.account_id),
      showMoment(link.since, new Date()),
    ]);
    const table = { width: widthOf(ctx.stdout), flexible: ['WHO', 'ON', 'ACCOUNT', 'ID'] };
    for (const line of renderTable(['WHO', 'ON', 'ACCOUNT', 'ID', 'SINCE'], rows, table)) print(ctx, line);
  }
  if (found.more) ctx.stderr.write(`There are more: these are the first ${ACCOUNTS_AT_MOST}.\n`);
  return 0;
}

async function unlink(
  ctx: CliContext,
  target: string,
  account: string,
  options: UnlinkOptions,
): Promise<ExitCode> {
  const note = readReason(options.reason);
  const asked = { target, account, actor: `cli:${terminalUser()}`, note, dry_run: options.dryRun ?? false };
  const link = await withLedger(ctx, (service) => service.unlink(asked));
  if (options.json) printJson(ctx, link);
  else print(ctx, inWords(link, asked.dry_run));
  return 0;
}

function inWords({ account, account_id, connector, target, email }: LinkFact, dryRun: boolean): string {
  const what = `the account ${plain(account ?? account_id)} on ${plain(connector ?? target)}`;
  if (dryRun) return `Would take ${what} from ${plain(email)}. Nothing was changed.`;
  return `Took ${what} from ${plain(email)}: whoever is approved next may have it.`;
}
