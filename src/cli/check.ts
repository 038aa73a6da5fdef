import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { checkConfig, renderCheck } from '../config/check.ts';
import type { ConfigSources } from '../config.ts';
import { connectorKinds } from '../connectors/registry.ts';
import { incidentSourceKinds } from '../incidents/registry.ts';
import { type CliContext, type ExitCode, print } from './context.ts';

export function addCheck(program: Command, run: (work: Promise<ExitCode>) => Promise<void>, ctx: CliContext) {
  program
    .command('check')
    .description('Read curfew.yaml (or CURFEW_CONFIG) and print every problem with its line and column.')
    .option('--strict', 'exit with 1 for warnings too')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nWarnings name what may be right and hardly is: PostgreSQL elsewhere without TLS, two people with one account,\na role that makes a superuser, an owner who is the only requester, addresses that mix scripts.',
    )
    .action((options: { json?: boolean; strict?: boolean }) => run(check(ctx, options)));
}

async function check(
  ctx: CliContext,
  { json = false, strict = false }: { json?: boolean; strict?: boolean },
): Promise<ExitCode> {
  const { text, exitCode } = renderCheck(await checkConfig(configSources(ctx)), { json, strict });
  print(ctx, text);
  return exitCode;
}

/** The configuration as the environment names it, without asking for a chat platform. */
export function configSources(ctx: CliContext): ConfigSources {
  return {
    env: ctx.env,
    readFile: (path) => readFile(path, 'utf8'),
    kinds: { connectors: connectorKinds, incidents: incidentSourceKinds },
    needsChat: false,
    now: new Date(),
  };
}
