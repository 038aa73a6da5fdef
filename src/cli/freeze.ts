import type { Command } from 'commander';
import type { Answer } from '../control/ledger-service.ts';
import { type CliContext, type ExitCode, print, printJson, terminalUser, UsageFailure } from './context.ts';
import { readReason } from './selection.ts';
import { plain, showMoment } from './show.ts';
import { withLedger } from './with-ledger.ts';

export interface FreezeOptions {
  readonly off?: boolean;
  readonly status?: boolean;
  readonly reason?: string;
  readonly json?: boolean;
}

export function addFreeze(
  program: Command,
  run: (work: Promise<ExitCode>) => Promise<void>,
  ctx: CliContext,
) {
  program
    .command('freeze')
    .description(
      'Grant nothing new until it is lifted; what is due to end still ends. Needs neither chat nor curfew.yaml.',
    )
    .option('--off', 'lift it')
    .option('--status', 'only say whether it is on')
    .option('--reason <text>', 'why; people and the audit log are told')
    .option('--json', 'as JSON')
    .action((options: FreezeOptions) => run(freeze(ctx, options)));
}

async function freeze(ctx: CliContext, options: FreezeOptions): Promise<ExitCode> {
  if (options.status && (options.off || options.reason !== undefined)) {
    throw new UsageFailure('--status only asks: leave --off and --reason away.');
  }
  const note = readReason(options.reason);
  const actor = `cli:${terminalUser()}`;
  const status = await withLedger(ctx, (service) =>
    options.status ? service.freeze_status({}) : service.freeze({ on: !options.off, actor, note }),
  );
  if (options.json) printJson(ctx, status ?? { on: false, actor: null, note: null, at: null });
  else print(ctx, inWords(status));
  return 0;
}

function inWords(status: Answer<'freeze_status'>): string {
  if (status === null) return 'Not frozen, and never was.';
  const note = status.note === null ? '' : `: ${plain(status.note)}`;
  const by = `by ${plain(status.actor)} at ${showMoment(status.at, new Date())}${note}`;
  return status.on
    ? `Frozen ${by}\nNothing new is granted; what is due to end still ends. Lift it with: curfew freeze --off`
    : `Not frozen: lifted ${by}`;
}
