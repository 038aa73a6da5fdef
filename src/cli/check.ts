import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { ConfigSources } from '../config.ts';
import { type CliContext, type ExitCode, print } from './context.ts';

export function addCheck(program: Command, run: (work: Promise<ExitCode>) => Promise<void>, ctx: CliContext) {
  program
    .command('check')
    .description('Read curfew.yaml (or CURFEW_CONFIG) and print every problem with its line and column.')
    .option('--strict', 'exit with 1 for warnings too')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nWarnings name what may be right and hardly is: PostgreSQL elsewhere without TLS,\na role that makes a superuser, an owner who is the only requester, addresses that mix scripts.',
    )
    .action((options: { json?: boolean; strict?: boolean }) => run(check(ctx, options)));
}

async function check(
  ctx: CliContext,
  { json = false, strict = false }: { json?: boolean; strict?: boolean },
): Promise<ExitCode> {
  const { checkConfig, renderCheck } = await import('../config/check.ts');
  const { text, exitCode } = renderCheck(await checkConfig(await configSources(ctx)), { json, strict });
  print(ctx, text);
  return exitCode;
}

/** The configuration as the environment names it, without asking for a chat platform. */
export async function configSources(ctx: CliContext): Promise<ConfigSources> {
  const [{ connectorKinds }, { incidentSourceKinds }] = await Promise.all([
    import('../connectors/registry.ts'),
    import('../incidents/registry.ts'),
  ]);
  return {
    env: ctx.env,
    readFile: (path) => readFile(path, 'utf8'),
    kinds: { connectors: connectorKinds, incidents: incidentSourceKinds },
    needsChat: false,
    now: new Date(),
  };
}
