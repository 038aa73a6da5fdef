/** The command line: which commands there are, and what their ends mean to the shell. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { createRedactor } from '../observability/redact.ts';
import { packageRoot } from '../package-root.ts';
import { addAccounts } from './accounts.ts';
import { addAudit } from './audit.ts';
import { addCheck } from './check.ts';
import { addConnectors } from './connectors.ts';
import { type CliContext, type ExitCode, secretsOf, UsageFailure } from './context.ts';
import { explainFailure } from './failure.ts';
import { addFreeze } from './freeze.ts';
import { addGrants } from './grants.ts';
import { addMigrate } from './migrate.ts';
import { addRevoke } from './revoke.ts';
import { addServe } from './serve.ts';

const USED_WRONGLY = 2;

/** Runs one command. Returns the exit code: 0 done, 1 it failed, 2 used wrongly. */
export async function runCli(args: readonly string[], ctx: CliContext): Promise<number> {
  let exitCode: number = 0;
  const run = async (work: Promise<ExitCode>): Promise<void> => {
    exitCode = await work;
  };
  const program = new Command('curfew')
    .description('Just-in-time elevation for Slack and Microsoft Teams: access that ends by itself.')
    .version(version(), '--version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .configureOutput({
      writeOut: (text) => void ctx.stdout.write(text),
      writeErr: (text) => void ctx.stderr.write(text),
    })
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
    .addHelpText('after', '\nExit codes: 0 done, 1 it failed, 2 used wrongly.');
  for (const add of [
    addServe,
    addCheck,
    addMigrate,
    addGrants,
    addRevoke,
    addFreeze,
    addAccounts,
    addAudit,
    addConnectors,
  ]) {
    add(program, run, ctx);
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said it already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USED_WRONGLY;
    const redact = createRedactor(secretsOf(ctx));
    ctx.stderr.write(`${explainFailure(error, redact)}\n`);
    if (/^(debug|trace)$/.test(ctx.env.LOG_LEVEL ?? '')) {
      ctx.stderr.write(`${JSON.stringify(redact.value(error), null, 2)}\n`);
    }
    return error instanceof UsageFailure ? USED_WRONGLY : 1;
  }
}

function version(): string {
  const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version);
}
