import { createInterface } from 'node:readline/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Answer, GrantFact, LedgerService, Selection } from '../control/ledger-service.ts';
import { type CliContext, type ExitCode, print, printJson, terminalUser, UsageFailure } from './context.ts';
import { readEmail, readId, readReason, readRole, selectionInWords } from './selection.ts';
import { count, plain, showMoment } from './show.ts';
import { withLedger } from './with-ledger.ts';

export interface RevokeOptions {
  readonly user?: string;
  readonly role?: string;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly wait?: string | true;
  readonly json?: boolean;
}

const WAIT_S = 120;
const LONGEST_WAIT_S = 86_400;
const LOOK_EVERY_MS = 500;

export function addRevoke(
  program: Command,
  run: (work: Promise<ExitCode>) => Promise<void>,
  ctx: CliContext,
) {
  program
    .command('revoke')
    .description('End access now. Needs neither chat nor curfew.yaml.')
    .argument('[id]', 'the grant, such as R-7K3M')
    .option('--user <mail>', 'everything that this person holds or waits for')
    .option('--role <role>', 'this role, whoever holds it (with --user: only that person)')
    .option('--reason <text>', 'why; people and the audit log are told')
    .option('--dry-run', 'only say what would end')
    .option('--yes', 'do not ask before ending everything of a person or a role')
    .option('--wait [seconds]', `wait until it is confirmed to be gone (${WAIT_S} s unless told)`)
    .option('--json', 'as JSON')
    .action((id: string | undefined, options: RevokeOptions) => run(revoke(ctx, id, options)));
}

async function revoke(ctx: CliContext, id: string | undefined, options: RevokeOptions): Promise<ExitCode> {
  const selection = readSelection(id, options);
  const note = readReason(options.reason);
  const waitS = readWait(options.wait);
  const user = terminalUser();
  const asked = { selection, actor: `cli:${user}`, by: `${user} at the command line`, note };
  return withLedger(ctx, async (service) => {
    if (!options.yes && !options.dryRun && selection.ids === undefined) {
      const would = await service.revoke({ ...asked, dry_run: true });
      if (would.ended.length > 0 && !(await confirmed(ctx, would.ended))) {
        print(ctx, 'Nothing was ended.');
        return 1;
      }
    }
    const answer = await service.revoke({ ...asked, dry_run: options.dryRun ?? false });
    if (!options.json) report(ctx, selection, answer, options.dryRun ?? false);
    let gone: GrantFact[] | null = null;
    if (waitS !== null && !options.dryRun) gone = await waitUntilGone(service, answer, waitS);
    if (options.json) printJson(ctx, { ...answer, after_waiting: gone });
    if (!answer.known) return 1;
    return gone === null ? 0 : reportGone(ctx, gone, options.json ?? false);
  });
}

function readSelection(id: string | undefined, { user, role }: RevokeOptions): Selection {
  if (id !== undefined && (user !== undefined || role !== undefined)) {
    throw new UsageFailure('Name an id, or --user and --role, but not both.');
  }
  if (id !== undefined) return { ids: [readId(id)] };
  if (user === undefined && role === undefined) {
    throw new UsageFailure('Name what is to end: an id such as R-7K3M, --user MAIL or --role ROLE.');
  }
  return {
    email: user === undefined ? undefined : readEmail(user),
    role: role === undefined ? undefined : readRole(role),
  };
}

function readWait(typed: string | true | undefined): number | null {
  if (typed === undefined) return null;
  if (typed === true) return WAIT_S;
  const seconds = Number(typed);
  if (/^\d+$/.test(typed) && seconds >= 1 && seconds <= LONGEST_WAIT_S) return seconds;
  throw new UsageFailure(`--wait takes whole seconds, 1 to ${LONGEST_WAIT_S}.`);
}

async function confirmed(ctx: CliContext, would: readonly GrantFact[]): Promise<boolean> {
  if (!ctx.stdin.isTTY) {
    throw new UsageFailure(
      `This would end ${count(would.length, 'grant')}, and nobody can be asked here: add --yes, or --dry-run to see them.`,
    );
  }
  for (const grant of would) ctx.stderr.write(`${line(grant)}\n`);
  const terminal = createInterface({ input: ctx.stdin, output: ctx.stderr });
  try {
    const said = await terminal.question(
      `End ${would.length === 1 ? 'it' : `these ${would.length}`} now? [y/N] `,
    );
    return /^y(es)?$/i.test(said.trim());
  } finally {
    terminal.close();
  }
}

function report(ctx: CliContext, selection: Selection, answer: Answer<'revoke'>, dryRun: boolean): void {
  const { ended, cancelled, before, known, running } = answer;
  if (!known) {
    ctx.stderr.write(
      `Curfew never gave access ${selectionInWords(selection)}. Is it written as Curfew knows it? See: curfew grants\n`,
    );
    return;
  }
  if (ended.length > 0) print(ctx, dryRun ? 'Would end:' : 'Ended:');
  for (const grant of ended) print(ctx, line(grant));
  if (cancelled.length > 0)
    print(ctx, `${dryRun ? 'Would cancel' : 'Cancelled'}, not decided yet: ${cancelled.join(', ')}.`);
  for (const grant of before) {
    const at = showMoment(grant.ended_at ?? grant.due_since, new Date());
    const what = grant.state === 'ended' ? `had ended at ${at}` : `was ending already, since ${at}`;
    print(ctx, `${grant.id} (${plain(grant.email)}, ${grant.role}) ${what}.`);
  }
  const open = before.filter(({ state }) => state !== 'ended').length + ended.length;
  if (open === 0 && cancelled.length > 0) return;
  if (open === 0) print(ctx, 'Nothing is open there.');
  else if (dryRun) print(ctx, 'Nothing was changed.');
  else if (running)
    print(ctx, 'The running Curfew takes it away now. `curfew grants` shows when it is gone.');
  else
    print(ctx, 'No Curfew is running on this ledger. It is taken away as soon as one starts: NOT YET GONE.');
}

function line(grant: GrantFact): string {
  return `  ${grant.id}  ${plain(grant.email)}  ${grant.role}  was to end ${showMoment(grant.ends_at, new Date())}`;
}

/** What was selected, as it stands when all of it is gone or patience is over. */
async function waitUntilGone(
  service: LedgerService,
  { ended, before, running }: Answer<'revoke'>,
  seconds: number,
): Promise<GrantFact[]> {
  const ids = [...ended, ...before].map(({ id }) => id);
  for (const giveUp = Date.now() + seconds * 1000; ; await pause(LOOK_EVERY_MS)) {
    const now = await grantsOf(service, ids);
    const gone = now.every(({ state }) => state === 'ended');
    if (gone || !running || Date.now() > giveUp) return now;
  }
}

async function grantsOf(service: LedgerService, ids: readonly string[]): Promise<GrantFact[]> {
  const found: GrantFact[] = [];
  for (let from = 0; from < ids.length; from += 100) {
    const selection = { ids: ids.slice(from, from + 100) };
    found.push(...(await service.grants({ selection, ended: true })).grants);
  }
  return found;
}

function reportGone(ctx: CliContext, list: readonly GrantFact[], json: boolean): ExitCode {
  const left = list.filter(({ state }) => state !== 'ended');
  if (left.length === 0) {
    if (!json && list.length > 0) print(ctx, 'Gone: the targets were read back.');
    return 0;
  }
  for (const { id, last_error } of left) {
    ctx.stderr.write(`${id} is NOT confirmed to be gone${last_error ? `: ${plain(last_error)}` : '.'}\n`);
  }
  return 1;
}
