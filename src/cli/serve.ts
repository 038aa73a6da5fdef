import type { Command } from 'commander';
import type { CliContext, ExitCode } from './context.ts';

export function addServe(program: Command, run: (work: Promise<ExitCode>) => Promise<void>, ctx: CliContext) {
  program
    .command('serve')
    .description('Run Curfew. It drains on SIGTERM and SIGINT, and ends at once on a second one.')
    .action(() => run(serveUntilStopped(ctx)));
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

async function serveUntilStopped(ctx: CliContext): Promise<ExitCode> {
  const stopped = firstSignal();
  // Here and not above: no other command waits for Bolt to load.
  const { serve } = await import('../main.ts');
  const service = await serve({ env: ctx.env, workingDirectory: ctx.workingDirectory });
  await stopped;
  await service.stop();
  return 0;
}

/** From now on a signal no longer ends the process by itself, but the second one does. */
function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    let seen = false;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (seen) process.exit(1);
        seen = true;
        resolve();
      });
    }
  });
}
