/** Finds the ledger, in whatever way it can be had, and lets a command ask it. */
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connectPostgres } from '../../db/client.ts';
import { isConnected } from '../../db/presence.ts';
import { createControlClient } from '../control/client.ts';
import { connectControl } from '../control/connect.ts';
import type { LedgerService } from '../control/ledger-service.ts';
import { createLedgerService } from '../control/serve-ledger.ts';
import { createDatabaseClock } from '../database-clock.ts';
import type { AuditKey } from '../domain/audit-key.ts';
import { ExpectedFailure } from '../expected-failure.ts';
import { type Home, homeIn } from '../home/home.ts';
import { LedgerHeld, type OpenedLedger, openLedger } from '../home/open-ledger.ts';
import { readPostgresUrl } from '../net/postgres-url.ts';
import { createLog } from '../observability/log.ts';
import { type CliContext, ledgerEnvironment } from './context.ts';

/** Commands take turns, and each opens the whole ledger: on a busy machine that takes seconds. */
const PATIENCE_MS = 60_000;
const SAY_SO_AFTER_MS = 2_000;
const LOOK_EVERY_MS = 100;
const MEASURE_EVERY_MS = 60_000;
/** A command answers on its terminal, and keeps no log. */
const silent = createLog({ level: 'silent', secrets: [] });

export async function reachLedger<T>(
  ctx: CliContext,
  work: (service: LedgerService) => Promise<T>,
): Promise<T> {
  const { databaseUrl, auditKey } = ledgerEnvironment(ctx);
  if (databaseUrl !== null) return withPostgres(databaseUrl, auditKey, work);
  const home = homeIn(ctx.workingDirectory);
  if (!existsSync(home.ledger)) {
    throw new ExpectedFailure(
      `There is no ledger in ${home.directory}. Run this where Curfew runs, or set DATABASE_URL as it does.`,
    );
  }
  return withEmbedded(ctx, { home, auditKey }, work);
}

async function withPostgres<T>(
  url: string,
  auditKey: AuditKey | null,
  work: (service: LedgerService) => Promise<T>,
): Promise<T> {
  // Under a name of its own, so that it is not taken for a running Curfew.
  const address = readPostgresUrl(url);
  const serviceName = ('problem' in address ? null : address.applicationName) ?? 'curfew';
  const applicationName = `${serviceName.slice(0, 50)} command line`;
  const ledger = await connectPostgres(url, { max: 1, auditKey, applicationName });
  const opened = { ledger, release: () => ledger.close() };
  return using(opened, () => isConnected(ledger.db, serviceName), work);
}

/** Opens it where nobody has it open, else asks the process that has. */
async function withEmbedded<T>(
  ctx: CliContext,
  place: EmbeddedLedger,
  work: (service: LedgerService) => Promise<T>,
): Promise<T> {
  const found = await openOrReach(ctx, place);
  return 'ledger' in found ? using(found, async () => false, work) : work(createControlClient(found));
}

interface EmbeddedLedger {
  readonly home: Home;
  readonly auditKey: AuditKey | null;
}

async function openOrReach(
  ctx: CliContext,
  { home, auditKey }: EmbeddedLedger,
): Promise<OpenedLedger | { connect: () => Promise<Socket> }> {
  // Another command may hold it for a moment, or a Curfew that is just starting.
  const began = Date.now();
  let said = !ctx.stderr.isTTY;
  for (;;) {
    try {
      return await openLedger({ databaseUrl: null, home, auditKey });
    } catch (error) {
      if (!(error instanceof LedgerHeld)) throw error;
      const socket = await connectControl(home.socket);
      socket?.destroy();
      if (socket) return { connect: () => reach(home) };
      const waitedMs = Date.now() - began;
      if (waitedMs > PATIENCE_MS) throw error;
      if (waitedMs > SAY_SO_AFTER_MS && !said) {
        said = true;
        ctx.stderr.write(`Waiting for process ${error.holder.pid}, which has the ledger open.\n`);
      }
      await pause(LOOK_EVERY_MS);
    }
  }
}

async function reach(home: Home): Promise<Socket> {
  const socket = await connectControl(home.socket);
  if (!socket) throw new ExpectedFailure('The running Curfew has stopped meanwhile. Try again.');
  return socket;
}

async function using<T>(
  { ledger, release }: OpenedLedger,
  isRunning: () => Promise<boolean>,
  work: (service: LedgerService) => Promise<T>,
): Promise<T> {
  const clocks = createDatabaseClock({ ledger, log: silent, everyMs: MEASURE_EVERY_MS });
  try {
    await clocks.start();
    const service = createLedgerService({ ledger, clocks, nudge() {}, isRunning });
    return await work(service);
  } finally {
    await clocks.stop();
    await release();
  }
}
