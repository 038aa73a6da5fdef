import type { Command } from 'commander';
import { GRANTS_AT_MOST, type GrantFact } from '../control/ledger-service.ts';
import { type CliContext, type ExitCode, print, printJson } from './context.ts';
import { readEmail, readRole } from './selection.ts';
import { count, plain, renderTable, showMoment, showSpan, timeZoneName, widthOf, wrap } from './show.ts';
import { withLedger } from './with-ledger.ts';

export interface GrantsOptions {
  readonly json?: boolean;
  readonly all?: boolean;
  readonly role?: string;
  readonly user?: string;
}

export function addGrants(
  program: Command,
  run: (work: Promise<ExitCode>) => Promise<void>,
  ctx: CliContext,
) {
  program
    .command('grants')
    .description('Show who holds what, until when, and what is overdue. Needs neither chat nor curfew.yaml.')
    .option('--all', 'also what has ended, the newest first')
    .option('--role <role>', 'only of this role')
    .option('--user <mail>', 'only of this person')
    .option('--json', 'as JSON')
    .action((options: GrantsOptions) => run(grants(ctx, options)));
}

async function grants(ctx: CliContext, options: GrantsOptions): Promise<ExitCode> {
  const selection = {
    role: options.role === undefined ? undefined : readRole(options.role),
    email: options.user === undefined ? undefined : readEmail(options.user),
  };
  const ended = options.all ?? false;
  const found = await withLedger(ctx, (service) => service.grants({ selection, ended }));
  if (options.json) printJson(ctx, found.grants);
  else
    for (const line of renderGrants(found.grants, { now: new Date(found.now), width: widthOf(ctx.stdout) }))
      print(ctx, line);
  if (found.more) ctx.stderr.write(`There are more: these are the first ${GRANTS_AT_MOST}.\n`);
  return 0;
}

const HEADINGS = ['ID', 'WHO', 'ROLE', 'STATE', 'ENDS', 'LEFT'];

/** Each in a line; beneath those that are overdue or in trouble, what is the matter. */
export function renderGrants(list: readonly GrantFact[], terminal: { now: Date; width: number }): string[] {
  if (list.length === 0) return ['No access is open.'];
  const table = renderTable(
    HEADINGS,
    list.map((grant) => row(grant, terminal.now)),
    { width: terminal.width, flexible: ['WHO', 'ROLE'] },
  );
  const lines = [table[0] ?? ''];
  for (const [index, grant] of list.entries()) {
    lines.push(table[index + 1] ?? '');
    const trouble = troubleOf(grant, terminal.now);
    if (trouble) lines.push(...wrap(trouble, terminal.width, '    '));
  }
  const open = list.filter(({ state }) => state !== 'ended').length;
  const overdue = list.filter((grant) => grant.overdue).length;
  const counted = [`${open} open`, ...(overdue > 0 ? [`${overdue} overdue`] : [])].join(', ');
  return [...lines, '', `${count(list.length, 'grant')}, ${counted}. Times are ${timeZoneName()}.`];
}

function row(grant: GrantFact, now: Date): string[] {
  const reason = grant.end_reason === null ? '' : ` (${grant.end_reason})`;
  const end = grant.ended_at ?? (grant.state === 'ending' ? grant.due_since : grant.ends_at);
  const left = (Date.parse(grant.ends_at) - now.getTime()) / 1000;
  const open = grant.state === 'starting' || grant.state === 'live';
  return [
    grant.id,
    plain(grant.email),
    grant.role,
    `${grant.state}${reason}`,
    showMoment(end, now),
    open && left > 0 ? showSpan(left) : open ? 'over' : '',
  ];
}

function troubleOf(grant: GrantFact, now: Date): string | null {
  const said = grant.last_error === null ? '' : plain(grant.last_error);
  if (!grant.overdue) return said === '' ? null : `Trying again: ${said}`;
  const late = showSpan((now.getTime() - Date.parse(grant.due_since)) / 1000);
  return `OVERDUE for ${late}, not confirmed to be gone. ${said}`.trim();
}
