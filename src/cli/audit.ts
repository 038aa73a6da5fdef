import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import type { Answer } from '../control/ledger-service.ts';
import { formatHead, parseHead } from '../domain/audit-chain.ts';
import { ExpectedFailure } from '../expected-failure.ts';
import {
  type CliContext,
  type ExitCode,
  ledgerEnvironment,
  print,
  printJson,
  UsageFailure,
} from './context.ts';
import { count } from './show.ts';
import { withLedger } from './with-ledger.ts';

type Run = (work: Promise<ExitCode>) => Promise<void>;

export function addAudit(program: Command, run: Run, ctx: CliContext) {
  const audit = program
    .command('audit')
    .description('Verify, export and note the audit log. Needs neither chat nor curfew.yaml.');
  audit
    .command('verify')
    .description('Follow the chain of hashes from its beginning, and name the first event that does not fit.')
    .option('--head <seq:hash[:mac]>', 'a head noted earlier, to find a tail that was cut off')
    .option('--json', 'as JSON')
    .action((options: { head?: string; json?: boolean }) => run(verify(ctx, options)));
  audit
    .command('export')
    .description('Print the sealed events, one JSON object a line.')
    .option('--after <seq>', 'only what follows this number', '0')
    .action((options: { after: string }) => run(exportEvents(ctx, options)));
  audit
    .command('head')
    .description('Print the last event as SEQ:HASH, signed where CURFEW_AUDIT_KEY is set. Note it elsewhere.')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }) => run(head(ctx, options)));
}

async function verify(ctx: CliContext, options: { head?: string; json?: boolean }): Promise<ExitCode> {
  const expected = options.head === undefined ? null : readNotedHead(ctx, options.head);
  const result = await withLedger(ctx, (service) => service.verify({ expected }));
  if (options.json) printJson(ctx, result);
  else print(ctx, inWords(result));
  return result.ok ? 0 : 1;
}

function readNotedHead(ctx: CliContext, typed: string): { seq: number; hash: string } {
  const noted = parseHead(typed, null);
  if (noted === null)
    throw new UsageFailure('--head takes SEQ:HASH or SEQ:HASH:MAC, as `curfew audit head` prints it.');
  const { auditKey } = ledgerEnvironment(ctx);
  if (parseHead(typed, auditKey) === null) {
    throw new ExpectedFailure(
      'The signature of that head does not fit CURFEW_AUDIT_KEY: it was not noted by this Curfew.',
    );
  }
  const signed = typed.trim().split(':').length === 3;
  if (signed && auditKey === null) {
    ctx.stderr.write('The signature of that head was not looked at, since CURFEW_AUDIT_KEY is not set.\n');
  }
  return noted;
}

function inWords({ ok, events, unsealed, head, problem }: Answer<'verify'>): string {
  const lines = ok
    ? [events === 0 ? 'The audit log is empty.' : `The audit log holds: ${count(events, 'event')}, all fit.`]
    : [`The audit log does NOT hold: ${problem}.`, `${count(events, 'event')} before that fit.`];
  if (unsealed > 0) {
    lines.push(`Not covered: ${count(unsealed, 'event')}, not sealed yet. A running Curfew seals them.`);
  }
  if (ok && head) lines.push(`Head: ${head.seq}:${head.hash}`);
  return lines.join('\n');
}

const CHUNK = 64 * 1024;

async function exportEvents(ctx: CliContext, options: { after: string }): Promise<ExitCode> {
  const after = Number(options.after);
  if (!/^\d{1,15}$/.test(options.after))
    throw new UsageFailure('--after takes the number of an event, 0 or more.');
  await withLedger(ctx, (service) =>
    pipeline(Readable.from(inChunks(service.exportLines(after))), ctx.stdout, { end: false }),
  );
  return 0;
}

/** Lines together in larger pieces: a write for each of a million would take most of the time. */
async function* inChunks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = '';
  for await (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

async function head(ctx: CliContext, options: { json?: boolean }): Promise<ExitCode> {
  const { auditKey } = ledgerEnvironment(ctx);
  const found = await withLedger(ctx, (service) => service.head({}));
  if (found === null) throw new ExpectedFailure('The audit log is empty, so it has no head yet.');
  const written = formatHead(found, auditKey);
  if (options.json) printJson(ctx, { ...found, head: written, signed: auditKey !== null });
  else print(ctx, written);
  return 0;
}
