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
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }) => run(check(ctx, options)));
}

async function check(ctx: CliContext, { json = false }: { json?: boolean }): Promise<ExitCode> {
  const { text, exitCode } = renderCheck(await checkConfig(configSources(ctx)), { json });
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
