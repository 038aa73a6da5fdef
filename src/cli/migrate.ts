import type { Command } from 'commander';
import { homeIn } from '../home/home.ts';
import { packageRoot } from '../package-root.ts';
import { type CliContext, type ExitCode, ledgerEnvironment, print } from './context.ts';

export function addMigrate(
  program: Command,
  run: (work: Promise<ExitCode>) => Promise<void>,
  ctx: CliContext,
) {
  program
    .command('migrate')
    .description("Bring the ledger to this version's tables. `curfew serve` does it too when it starts.")
    .action(() => run(migrate(ctx)));
}

async function migrate(ctx: CliContext): Promise<ExitCode> {
  const [{ migrateLedger }, { openLedger }] = await Promise.all([
    import('../../db/migrate.ts'),
    import('../home/open-ledger.ts'),
  ]);
  const environment = ledgerEnvironment(ctx);
  const { ledger, release } = await openLedger({ ...environment, home: homeIn(ctx.workingDirectory) });
  try {
    await migrateLedger(ledger, packageRoot());
  } finally {
    await release();
  }
  print(ctx, `The ledger (${ledger.kind}) has the tables of this version.`);
  return 0;
}
