import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import type { Answer } from '../control/ledger-service.ts';
import { formatHead, type Head, headText, parseHead, vouchedHead } from '../domain/audit-chain.ts';
import { createAuditVerifier } from '../domain/audit-key.ts';
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

interface VerifyOptions {
  readonly head?: string;
  readonly publicKey?: readonly string[];
  readonly unsignedThrough?: string;
  readonly ledger?: boolean;
  readonly json?: boolean;
}

export function addAudit(program: Command, run: Run, ctx: CliContext) {
  const audit = program
    .command('audit')
    .description('Verify, export and note the audit log. Needs neither chat nor curfew.yaml.');
  audit
    .command('verify')
    .description(
      'Follow the chain of hashes from its beginning, and name the first event that does not fit. ' +
        'Where CURFEW_AUDIT_KEY is set, or a public key is given, every event has to be signed.',
    )
    .option('--head <seq:hash[:signature]>', 'a head noted earlier, to find a tail that was cut off')
    .option('--public-key <file...>', 'PEM files of the keys whose signatures count: of an earlier key, too')
    .option('--unsigned-through <seq:hash>', 'the last event before there was a key, where it was set later')
    .option('--ledger', 'also hold requests, votes and grants against the events that made them')
    .option('--json', 'as JSON')
    .action((options: VerifyOptions) => run(verify(ctx, options)));
  audit
    .command('export')
    .description('Print the sealed events, one JSON object a line.')
    .option('--after <seq>', 'only what follows this number', '0')
    .action((options: { after: string }) => run(exportEvents(ctx, options)));
  audit
    .command('head')
    .description(
      'Print the last event as SEQ:HASH, with its signature where it was sealed with a key. Note it elsewhere.',
    )
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }) => run(head(ctx, options)));
  audit
    .command('public-key')
    .description('Print the public key that belongs to CURFEW_AUDIT_KEY, for those who verify.')
    .action(() => run(publicKey(ctx)));
}

async function verify(ctx: CliContext, options: VerifyOptions): Promise<ExitCode> {
  const { auditKey } = ledgerEnvironment(ctx);
  const given = await Promise.all((options.publicKey ?? []).map(readPublicKey));
  const keys = [...(auditKey ? [auditKey.publicKey] : []), ...given];
  const expected = options.head === undefined ? null : readNotedHead(ctx, options.head, keys);
  const through = options.unsignedThrough === undefined ? null : readUnsigned(options.unsignedThrough, keys);
  const asked = {
    expected,
    public_keys: keys,
    // Not asked of a Curfew that does not know the question yet, unless it has to be.
    ...(through && { unsigned_through: through }),
    ledger: options.ledger ?? false,
  };
  const result = await withLedger(ctx, (service) => service.verify(asked));
  if (options.json) printJson(ctx, result);
  else print(ctx, inWords(result, asked.ledger));
  return result.ok ? 0 : 1;
}

async function readPublicKey(file: string): Promise<string> {
  const pem = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageFailure(`${file} cannot be read (${error.code ?? 'unknown error'}).`);
  });
  try {
    createAuditVerifier(pem);
  } catch (error) {
    throw new UsageFailure(`${file}: ${(error as Error).message}`);
  }
  return pem;
}

function readNotedHead(ctx: CliContext, typed: string, keys: readonly string[]): Head {
  const noted = parseHead(typed);
  if (noted === null) {
    throw new UsageFailure('--head takes SEQ:HASH or SEQ:HASH:SIGNATURE, as `curfew audit head` prints it.');
  }
  const { signature } = noted;
  if (signature !== null && keys.length === 0) {
    ctx.stderr.write(
      'The signature of that head was not looked at, since CURFEW_AUDIT_KEY is not set and no --public-key is given.\n',
    );
  } else if (signature !== null) {
    const fits = keys.some((pem) => createAuditVerifier(pem).verifies(headText(noted), signature));
    if (!fits)
      throw new ExpectedFailure('The signature of that head fits no key: it was not noted by this Curfew.');
  }
  return { seq: noted.seq, hash: noted.hash };
}

function readUnsigned(typed: string, keys: readonly string[]): Head {
  const head = parseHead(typed);
  if (head === null)
    throw new UsageFailure('--unsigned-through takes SEQ:HASH, the last event without a key.');
  if (keys.length === 0) {
    throw new UsageFailure(
      '--unsigned-through needs a key to say what is signed: CURFEW_AUDIT_KEY or --public-key.',
    );
  }
  return { seq: head.seq, hash: head.hash };
}

function inWords(result: Answer<'verify'>, ledger: boolean): string {
  const { ok, events, unsealed, head, problem, signed_from, signatures_checked } = result;
  const lines = ok
    ? [events === 0 ? 'The audit log is empty.' : `The audit log holds: ${count(events, 'event')}, all fit.`]
    : [`The audit log does NOT hold: ${problem}.`, `${count(events, 'event')} before that fit.`];
  if (ok && ledger) lines.push('Requests, votes and grants are as their events left them.');
  if (signatures_checked && ok && events > 0) {
    lines.push(`Signed with the key from event ${signed_from} on, up to the last.`);
  } else if (!signatures_checked && signed_from !== null) {
    lines.push('Signatures were not looked at: set CURFEW_AUDIT_KEY, or give --public-key.');
  }
  if (unsealed > 0) {
    lines.push(`Not covered: ${count(unsealed, 'event')}, not sealed yet. A running Curfew seals them.`);
  }
  if (ok && head) lines.push(`Head: ${head.seq}:${head.hash}`);
  return lines.join('\n');
}

async function publicKey(ctx: CliContext): Promise<ExitCode> {
  const { auditKey } = ledgerEnvironment(ctx);
  if (auditKey === null) throw new ExpectedFailure('CURFEW_AUDIT_KEY is not set, so there is no key.');
  print(ctx, auditKey.publicKey.trimEnd());
  return 0;
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
  const { seq, hash, signature } = vouchedHead(found, auditKey);
  const written = formatHead({ seq, hash, signature });
  if (signature === null && found.signature !== null) {
    ctx.stderr.write('Its signature is left out: it does not fit CURFEW_AUDIT_KEY.\n');
  }
  if (options.json) printJson(ctx, { seq, hash, head: written, signed: signature !== null });
  else print(ctx, written);
  return 0;
}
